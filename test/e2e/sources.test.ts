/** Declared sources through the real doors: a web server of this machine with a certificate of its own, and buckets; what
 * is large comes by a job. */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  DescribeProcessingJobCommand,
  ListProcessingJobsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { packageService } from '../../cli/package-service.ts';
import { type HttpsServer, startHttpsServer } from '../../shared/sources/testing/https-server.ts';
import { points, pointsCsv } from './support/specifications.ts';
import { createStory } from './support/story.ts';
import { STAGE, startTestCloud, type TestCloud } from './support/test-cloud.ts';

const TEMPLATE = 'cloudformation-template-update-stack.json';
const TABLE = pointsCsv(300, 1);
/** A file of more bytes is pulled by a job. */
const LIMIT = 65_536;
const LARGE = pointsCsv(6000, 3);
const TORN = pointsCsv(6000, 4);

interface FunctionResource {
  readonly Type: string;
  readonly Properties: { FunctionName?: string; Environment?: { Variables: Record<string, unknown> } };
}

/** A copy of the package, of a stage that lets sources be on this machine, trusts `authority`, and has a low limit. */
async function packageWith(authority: string): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'ratchet-sources-'));
  cpSync(await packageService(STAGE), copy, { recursive: true });
  const certificate = join(copy, 'authority.pem');
  writeFileSync(certificate, authority);
  const file = join(copy, TEMPLATE);
  const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, FunctionResource> };
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function' || !Properties.FunctionName?.endsWith('-ingest-on-source-schedule'))
      continue;
    Object.assign(Properties.Environment?.Variables ?? {}, {
      SOURCE_NETWORKS: '127.0.0.1/32',
      NODE_EXTRA_CA_CERTS: certificate,
      SOURCE_JOB_ABOVE_BYTES: String(LIMIT),
    });
  }
  writeFileSync(file, JSON.stringify(template));
  return copy;
}

/** What the web server does with the `nth` request for a path. */
type Answer = (nth: number, response: ServerResponse) => void;

const whole = (response: ServerResponse, content: string, etag: string) =>
  response.writeHead(200, { etag, 'content-length': content.length }).end(content);

const ANSWERS: Readonly<Record<string, Answer>> = {
  '/table.csv': (_, response) => whole(response, TABLE, '"one"'),
  '/large.csv': (_, response) => whole(response, LARGE, '"large"'),
  // The first job gets half of it.
  '/torn.csv': (nth, response) => {
    if (nth !== 2) whole(response, TORN, '"torn"');
    else {
      response.writeHead(200, { 'content-length': TORN.length });
      response.write(TORN.slice(0, 1000), () => response.destroy());
    }
  },
  // The function is told that it is large; the job is sent elsewhere.
  '/turning.csv': (nth, response) => {
    if (nth === 1) whole(response, LARGE, '"turning"');
    else response.writeHead(302, { location: 'https://169.254.169.254/latest/meta-data' }).end();
  },
};

interface SourceView {
  readonly name: string;
  readonly drops: number;
  readonly failures: number;
  readonly problem?: { readonly reason: string };
  readonly last?: { readonly key: string; readonly sha256: string; readonly etag?: string };
}

describe('declared sources', () => {
  let server: HttpsServer;
  let packageDir: string;
  let cloud: TestCloud;
  const asked: string[] = [];

  beforeAll(async () => {
    server = await startHttpsServer((request, response) => {
      const [path = ''] = (request.url ?? '').split('?');
      asked.push(path);
      const answer = ANSWERS[path];
      if (answer) answer(asked.filter((one) => one === path).length, response);
      else response.writeHead(404).end();
    });
    packageDir = await packageWith(server.authority);
    cloud = await startTestCloud({ packageDir });
    for (const Bucket of ['ratchet-dev-source-shelf', 'private-shelf']) {
      await cloud.s3.send(new CreateBucketCommand({ Bucket }));
      const Body = Buffer.from(pointsCsv(200, 2));
      await cloud.s3.send(new PutObjectCommand({ Bucket, Key: 'more.csv', Body }));
    }
    await declare('torn.csv');
  }, 180_000);

  afterAll(async () => {
    await cloud?.close();
    await server?.close();
    if (packageDir) rmSync(packageDir, { recursive: true, force: true });
  });

  async function declare(torn: string): Promise<void> {
    const { data, ...rest } = points();
    const sources = [
      { name: 'web', url: `${server.url}/table.csv`, every: '1 hour' },
      { name: 'shelf', url: 's3://ratchet-dev-source-shelf/more.csv', every: '1 hour' },
      { name: 'lost', url: `${server.url}/lost.csv?token=secret`, every: '1 hour' },
      { name: 'closed', url: 's3://private-shelf/more.csv', every: '1 hour' },
      { name: 'metadata', url: 'https://169.254.169.254/latest/meta-data', every: '1 hour' },
      { name: 'large', url: `${server.url}/large.csv`, every: '1 hour' },
      { name: 'torn', url: `${server.url}/${torn}`, every: '1 hour' },
      { name: 'turning', url: `${server.url}/turning.csv`, every: '1 hour' },
    ];
    const specification = { ...rest, data: { ...data, seal: 'quiet 2 seconds', sources } };
    await cloud.api.send('PUT', '/v1/pipelines/points', JSON.stringify(specification));
  }

  const sources = async (): Promise<ReadonlyMap<string, SourceView>> => {
    const { sources: views } = (await cloud.api.get('/v1/pipelines/points')) as { sources: SourceView[] };
    return new Map(views.map((view) => [view.name, view]));
  };

  it('bring what they have, each once, and tell why they bring nothing', async () => {
    const story = createStory(cloud.api, 'points');
    const looked = await story.until('every source to be looked at', 60, async () => {
      const known = await sources();
      return [...known.values()].every(({ drops, failures }) => drops + failures > 0) ? known : undefined;
    });
    expect(looked.get('web')).toMatchObject({ drops: 1, failures: 0, last: { etag: '"one"' } });
    expect(looked.get('shelf')).toMatchObject({ drops: 1, failures: 0 });
    const reasons = ['lost', 'closed', 'metadata'].map((name) => looked.get(name)?.problem?.reason);
    expect(reasons).toEqual([
      expect.stringMatching(
        /^https:\/\/127\.0\.0\.1:\d+\/lost\.csv answered 404 Not Found instead of a file/,
      ),
      expect.stringMatching(
        /^s3:\/\/private-shelf\/more\.csv may not be read or is not there \(AccessDenied\)/,
      ),
      expect.stringMatching(/^169\.254\.169\.254 is no public address/),
    ]);
    expect(asked.filter((path) => path === '/table.csv')).toHaveLength(1);
  }, 90_000);

  it('come by a job when they are large, from nowhere else than others, and also after a job has failed', async () => {
    const before = await sources();
    expect(before.get('torn')).toMatchObject({ drops: 0, failures: 1 });
    // Another address is looked at without waiting.
    await declare('torn.csv?again');
    const story = createStory(cloud.api, 'points');
    const views = await story.until('the torn file to be whole', 60, async () => {
      const known = await sources();
      return known.get('torn')?.drops ? known : undefined;
    });
    const sha256 = createHash('sha256').update(LARGE).digest('hex');
    expect(views.get('large')).toMatchObject({
      drops: 1,
      failures: 0,
      last: {
        sha256,
        etag: '"large"',
        key: `incoming/points/source-large/000001-${sha256.slice(0, 16)}.csv`,
      },
    });
    expect(views.get('torn')).toMatchObject({ drops: 1, last: { etag: '"torn"' } });
    expect(views.get('turning')).toMatchObject({
      drops: 0,
      failures: 1,
      problem: { reason: views.get('metadata')?.problem?.reason },
    });
    expect(asked.filter((path) => path === '/large.csv')).toHaveLength(2);
    const jobs = await jobsOf(cloud);
    expect(jobs.get('large')).toEqual([{ ProcessingJobStatus: 'Completed' }]);
    const { reason } = views.get('turning')?.problem ?? {};
    expect(jobs.get('turning')).toEqual([{ ProcessingJobStatus: 'Failed', ExitMessage: reason }]);
    const { reason: torn } = before.get('torn')?.problem ?? {};
    expect(torn).toMatch(/\/torn\.csv could not be read: (aborted|ECONNRESET|socket hang up)/);
    expect(jobs.get('torn')).toEqual([
      { ProcessingJobStatus: 'Failed', ExitMessage: torn },
      { ProcessingJobStatus: 'Completed' },
    ]);
    await story.until('what the jobs have left to be removed', 30, async () => {
      const { artifactsBucket: Bucket } = cloud.info;
      const { KeyCount } = await cloud.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'sources/' }));
      return KeyCount === 0 ? true : undefined;
    });
  }, 90_000);

  it.each([
    ['web', '/table.csv', 'one'],
    ['large', '/large.csv', 'large'],
  ])(
    'are told of by the object, the run, and the dataset that was made of it: %s',
    async (source, path, etag) => {
      const { key: Key = '', sha256 } = (await sources()).get(source)?.last ?? {};
      const { Metadata } = await cloud.s3.send(new HeadObjectCommand({ Bucket: cloud.info.dropBucket, Key }));
      expect(Metadata).toMatchObject({
        'ratchet-source': source,
        'ratchet-source-etag': `%22${etag}%22`,
        'ratchet-source-sha256': sha256,
      });
      const story = createStory(cloud.api, 'points');
      const origin = { source, url: `${server.url}${path}`, etag: `"${etag}"`, sha256 };
      const dataset = await story.until('its data to be prepared', 60, async () => {
        for (const { runId, dataset } of await story.runs())
          if (dataset && originOf(await partsOf(cloud, runId), Key)) return { runId, dataset };
        return undefined;
      });
      expect(originOf(await partsOf(cloud, dataset.runId), Key)).toMatchObject(origin);
      const manifest = await cloud.s3.send(
        new GetObjectCommand({
          Bucket: cloud.info.artifactsBucket,
          Key: `datasets/points/${dataset.dataset}/manifest.json`,
        }),
      );
      const { parts } = JSON.parse((await manifest.Body?.transformToString()) ?? '') as { parts: PartView[] };
      expect(originOf(parts, Key)).toMatchObject(origin);
    },
    90_000,
  );
});

interface PartView {
  readonly key: string;
  readonly origin?: { readonly source: string; readonly url: string };
}

const originOf = (parts: readonly PartView[], key: string) => parts.find((part) => part.key === key)?.origin;

const partsOf = async (cloud: TestCloud, runId: string): Promise<readonly PartView[]> =>
  (await cloud.api.get<{ parts: PartView[] }>(`/v1/runs/${runId}`)).parts;

/** How the jobs of each source ended, in the order of their beginnings. */
async function jobsOf(cloud: TestCloud) {
  const sagemaker = new SageMakerClient(cloud.sageMaker);
  try {
    const { ProcessingJobSummaries = [] } = await sagemaker.send(
      new ListProcessingJobsCommand({
        NameContains: '-source-',
        SortBy: 'CreationTime',
        SortOrder: 'Ascending',
      }),
    );
    const described = await Promise.all(
      ProcessingJobSummaries.map(({ ProcessingJobName }) =>
        sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName })),
      ),
    );
    const jobs = described.map(({ ProcessingInputs, ProcessingJobStatus, ExitMessage }) => ({
      source: /\/sources\/points\/([^/]+)\//.exec(ProcessingInputs?.[0]?.S3Input?.S3Uri ?? '')?.[1] ?? '',
      ended: { ProcessingJobStatus, ...(ExitMessage ? { ExitMessage } : {}) },
    }));
    const grouped = Map.groupBy(jobs, ({ source }) => source);
    return new Map([...grouped].map(([source, all]) => [source, all.map(({ ended }) => ended)]));
  } finally {
    sagemaker.destroy();
  }
}
