/** Declared sources through the real doors: a web server of this machine with a certificate of its own, and buckets. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { packageService } from '../../cli/package-service.ts';
import { type HttpsServer, startHttpsServer } from '../../services/ingest/testing/https-server.ts';
import { points, pointsCsv } from './support/specifications.ts';
import { createStory } from './support/story.ts';
import { STAGE, startTestCloud, type TestCloud } from './support/test-cloud.ts';

const TEMPLATE = 'cloudformation-template-update-stack.json';
const TABLE = pointsCsv(300, 1);

interface FunctionResource {
  readonly Type: string;
  readonly Properties: { FunctionName?: string; Environment?: { Variables: Record<string, unknown> } };
}

/** A copy of the package, of a stage that lets sources be on this machine and trusts `authority`. */
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
    });
  }
  writeFileSync(file, JSON.stringify(template));
  return copy;
}

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
      asked.push(request.url ?? '');
      if (request.url === '/table.csv') response.writeHead(200, { etag: '"one"' }).end(TABLE);
      else response.writeHead(404).end();
    });
    packageDir = await packageWith(server.authority);
    cloud = await startTestCloud({ packageDir });
    for (const Bucket of ['ratchet-dev-source-shelf', 'private-shelf']) {
      await cloud.s3.send(new CreateBucketCommand({ Bucket }));
      const Body = Buffer.from(pointsCsv(200, 2));
      await cloud.s3.send(new PutObjectCommand({ Bucket, Key: 'more.csv', Body }));
    }
    const { data, ...rest } = points();
    const sources = [
      { name: 'web', url: `${server.url}/table.csv`, every: '1 hour' },
      { name: 'shelf', url: 's3://ratchet-dev-source-shelf/more.csv', every: '1 hour' },
      { name: 'lost', url: `${server.url}/lost.csv?token=secret`, every: '1 hour' },
      { name: 'closed', url: 's3://private-shelf/more.csv', every: '1 hour' },
      { name: 'metadata', url: 'https://169.254.169.254/latest/meta-data', every: '1 hour' },
    ];
    const specification = { ...rest, data: { ...data, seal: 'quiet 2 seconds', sources } };
    await cloud.api.send('PUT', '/v1/pipelines/points', JSON.stringify(specification));
  }, 180_000);

  afterAll(async () => {
    await cloud?.close();
    await server?.close();
    if (packageDir) rmSync(packageDir, { recursive: true, force: true });
  });

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
    expect(asked.filter((url) => url === '/table.csv')).toHaveLength(1);
  }, 90_000);

  it('are told of by the object, the run, and the dataset that was made of it', async () => {
    const Key = (await sources()).get('web')?.last?.key ?? '';
    const { Metadata } = await cloud.s3.send(new HeadObjectCommand({ Bucket: cloud.info.dropBucket, Key }));
    expect(Metadata).toMatchObject({ 'ratchet-source': 'web', 'ratchet-source-etag': '%22one%22' });
    const story = createStory(cloud.api, 'points');
    await story.until('their data to be prepared', 60, async () =>
      (await story.runs()).some(({ dataset }) => dataset !== undefined) ? true : undefined,
    );
    const [run] = await story.runs();
    const { parts } = (await cloud.api.get(`/v1/runs/${run?.runId}`)) as {
      parts: { key: string; origin?: { source: string; url: string } }[];
    };
    expect(parts.find(({ key }) => key === Key)?.origin).toMatchObject({
      source: 'web',
      url: `${server.url}/table.csv`,
      etag: '"one"',
    });
  }, 90_000);
});
