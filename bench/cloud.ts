/** The embedded cloud: how soon it is ready, how soon a function has handled an upload, how many puts it takes a second,
 * and what ten thousand dropped files take of memory. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Api, createApi } from '../cli/api.ts';
import { credentials, region } from '../cli/connection.ts';
import { packageService } from '../cli/package-service.ts';
import { isTerminal } from '../shared/lifecycle/moves.ts';
import { points } from '../test/e2e/support/specifications.ts';
import { createStory, type RunView } from '../test/e2e/support/story.ts';
import { type Done, listenForDone } from './support/done.ts';
import { type Figure, type Measurement, median, quantile } from './support/figures.ts';
import { runCloud, runNode } from './support/process.ts';
import { createPutter, type Putter } from './support/putter.ts';
import { BUCKET, PREFIX, writeSmallPackage } from './support/small-package.ts';

const STARTS = 5;
const UPLOADS = 200;
const PUTS = 5_000;
const CONCURRENCY = 32;
const BODY = 'x'.repeat(1_024);
const FEW_FILES = 100;
const MANY_FILES = 10_000;
/** The times that the cloud imposes pass so much faster while files are dropped. */
const SCALE = 10;
const PATIENCE_S = 10;
const EVERY_MS = 500;
const LONGEST_TURN_S = 180;

export const measureCloud: Measurement = async (tell) => {
  await using resources = new AsyncDisposableStack();
  const scratch = mkdtempSync(join(tmpdir(), 'ratchet-bench-'));
  resources.defer(() => rmSync(scratch, { recursive: true, force: true }));
  const packageDir = await packageService();

  tell(`Starting the cloud ${2 * STARTS} times …`);
  const figures = await measureReady(scratch, packageDir);

  tell(`Uploading ${UPLOADS} objects one by one for each of two functions, then ${PUTS} at once …`);
  figures.push(...(await measureUploads(scratch)));

  tell(`Dropping ${FEW_FILES} files, then ${MANY_FILES} …`);
  figures.push(...(await measureStorm(scratch, packageDir)));
  return figures;
};

/** From the start of its process to its ready line, on a new folder and on the same again. */
async function measureReady(scratch: string, packageDir: string): Promise<Figure[]> {
  const bare: number[] = [];
  const fresh: number[] = [];
  const again: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const dir = join(scratch, `ready-${start}`);
    for (const times of [fresh, again]) {
      await using node = await runNode(['-e', 'console.log("ready"); setTimeout(() => {}, 60_000)']);
      bare.push(node.readyMs);
      await using cloud = await runCloud({ dir, packageDir });
      times.push(cloud.readyMs);
    }
  }
  const shared = {
    unit: 'ms',
    baseline: { name: 'bare node', value: median(bare) },
    goal: { bound: 'below', value: 1_000 },
  } as const;
  return [
    { name: 'ready, new folder', value: median(fresh), ...shared },
    { name: 'ready, same folder', value: median(again), ...shared },
  ];
}

async function measureUploads(scratch: string): Promise<Figure[]> {
  await using done = await listenForDone();
  const packageDir = writeSmallPackage(join(scratch, 'small'), done.url);
  await using cloud = await runCloud({ dir: join(scratch, 'uploads'), packageDir });
  using putter = createPutter(cloud.info.awsEndpoint, BUCKET);

  const bareDir = join(scratch, 'bare');
  mkdirSync(bareDir);
  await using bare = await runNode([join(import.meta.dirname, 'support', 'bare-server.ts'), bareDir]);
  using barePutter = createPutter(bare.line, BUCKET);

  const barePuts: number[] = [];
  for (let count = 0; count < UPLOADS; count += 1) barePuts.push(await barePutter.put(`one/${count}`, BODY));
  const byRule = await handled(putter, done, PREFIX.rule);
  const byQueue = await handled(putter, done, PREFIX.queue);
  const rateOf = (one: Putter): Promise<number> =>
    one.rate(PUTS, CONCURRENCY, (index) => `${PREFIX.kept}${index}`, BODY);
  const bareRate = await rateOf(barePutter);
  const rate = await rateOf(putter);

  const latency = (name: string, times: readonly number[], q: number): Figure => ({
    name: `${name}, p${100 * q}`,
    unit: 'ms',
    value: quantile(times, q),
    baseline: { name: 'bare put', value: quantile(barePuts, q) },
    goal: { bound: 'below', value: 30 },
  });
  return [
    ...[0.5, 0.9].map((q) => latency('upload → rule → handler end, warm', byRule, q)),
    ...[0.5, 0.9].map((q) => latency('upload → rule → queue → handler end, warm', byQueue, q)),
    {
      name: 'puts of 1 KiB, each an event in a queue',
      unit: '/s',
      value: rate,
      baseline: { name: 'bare http and file', value: bareRate },
      goal: { bound: 'at least', value: 1_000 },
    },
  ];
}

/** Milliseconds from the beginning of an upload to the end of the function that it calls, once that function is warm. */
async function handled(putter: Putter, done: Done, prefix: string): Promise<number[]> {
  const once = async (key: string): Promise<number> => {
    const started = performance.now();
    const told = done.told(key, PATIENCE_S);
    await Promise.all([putter.put(key, BODY), told]);
    return performance.now() - started;
  };
  await once(`${prefix}cold`);
  const times: number[] = [];
  for (let count = 0; count < UPLOADS; count += 1) times.push(await once(`${prefix}${count}`));
  return times;
}

interface Storm {
  readonly seconds: number;
  readonly peakMb: number;
  /** Of the dataset; 0 when there was none in time. */
  readonly rows: number;
  /** Files that no function has taken by then. */
  readonly waiting: number;
}

/** Each file is a row that no other has: the dataset's rows tell how many of the files came through. */
async function measureStorm(scratch: string, packageDir: string): Promise<Figure[]> {
  const few = await storm(join(scratch, 'few'), packageDir, FEW_FILES);
  const many = await storm(join(scratch, 'many'), packageDir, MANY_FILES);
  const name = `${FEW_FILES} files`;
  return [
    {
      name: `rows of one dataset, of ${MANY_FILES} dropped files`,
      unit: 'files',
      value: many.rows,
      goal: { bound: 'at least', value: MANY_FILES },
    },
    { name: 'files still in the queue at the end', unit: 'files', value: many.waiting },
    {
      name: `from the first drop to the dataset, at most ${LONGEST_TURN_S} s`,
      unit: 's',
      value: many.seconds,
      baseline: { name, value: few.seconds },
    },
    {
      name: 'peak memory of all processes meanwhile',
      unit: 'MiB',
      value: many.peakMb,
      baseline: { name, value: few.peakMb },
    },
  ];
}

async function storm(dir: string, packageDir: string, files: number): Promise<Storm> {
  await using cloud = await runCloud({ dir, packageDir, scale: SCALE });
  const { info, memory } = cloud;
  const api = createApi(info);
  const { data, ...rest } = points('storm');
  // The batch stays open until all have come, however slowly.
  const specification = { ...rest, data: { ...data, seal: 'quiet 10 seconds' } };
  await api.send('PUT', '/v1/pipelines/storm', JSON.stringify(specification));
  using putter = createPutter(info.awsEndpoint, info.dropBucket);
  const started = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < files) {
      const index = next++;
      await putter.put(`incoming/storm/${index}.csv`, rowFile(index));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const run = await preparedRun(createStory(api, 'storm'));
  const seconds = (performance.now() - started) / 1000;
  const waiting = await waitingDrops(info.awsEndpoint);
  return { seconds, peakMb: memory.peak(), rows: run ? await rowsOf(api, run) : 0, waiting };
}

async function rowsOf(api: Api, { runId }: RunView): Promise<number> {
  const { dataset } = await api.get<{ dataset: { rows: Record<string, number> } }>(`/v1/runs/${runId}`);
  return Object.values(dataset.rows).reduce((sum, count) => sum + count, 0);
}

async function waitingDrops(endpoint: string): Promise<number> {
  const sqs = new SQSClient({ endpoint, region, credentials });
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'ratchet-dev-drops' }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  sqs.destroy();
  const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes ?? {};
  return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
}

/** A point of a grid that no other index has, as a file of its own. */
function rowFile(index: number): string {
  const x = (index % 100) / 100;
  const y = Math.floor(index / 100) / 100;
  return `x,y,above\n${x},${y},${y > x ? 1 : 0}\n`;
}

/** The run of the dropped files once it has a dataset; undefined when a slow machine has none in time. */
async function preparedRun(story: ReturnType<typeof createStory>): Promise<RunView | undefined> {
  const end = Date.now() + LONGEST_TURN_S * 1000;
  while (Date.now() < end) {
    const [run] = await story.runs();
    if (run?.dataset) return run;
    if (run && isTerminal(run.phase)) throw new Error(await story.tell());
    await sleep(EVERY_MS);
  }
  return undefined;
}
