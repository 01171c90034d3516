/** `ratchet demo`: the whole loop on handwritten digits, from an empty folder to a retrained champion. Every figure
 * that it prints was read back from the running system. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { digitsCsv, digitsRows, dirtyDigitsCsv } from '../../examples/digits/data.ts';
import { endpointName } from '../../shared/contracts/names.ts';
import { createApi } from '../api.ts';
import { applyFile } from '../apply.ts';
import { createS3, dropFiles } from '../drop-files.ts';
import { CliError, exitCode } from '../exit.ts';
import { faultsTable } from '../faults-table.ts';
import { numberOf } from '../number-option.ts';
import { packageService, root } from '../package-service.ts';
import { phaseText, print, since, styled } from '../terminal.ts';
import { createTimeline, sentenceOf } from '../timeline.ts';
import { closingTable } from './closing-table.ts';
import { type CloudProcess, startCloudProcess } from './cloud-process.ts';
import { dropGroundTruth } from './ground-truth.ts';
import { startLiveTraffic } from './live-traffic.ts';
import { quarantinedByRule } from './quarantine.ts';
import { createStoryApi } from './story-api.ts';

const PIPELINE = 'digits';
const STAGE = 'dev';
/** Sweeps and capture flushes come every three seconds instead of every minute. */
const SPEED = 20;
const FIRST = { from: 0, count: 5_000 };
const SECOND = { from: 5_000, count: 5_000 };
const REQUESTS_PER_SECOND = 120;
const LABELLED = 1_200;
const PATIENCE_UNDER_CHAOS = 3;
const FOLLOW_EVERY_MS = 300;

export interface Chapter {
  readonly title: string;
  readonly seconds: number;
}

/** `.ratchet/demo-<n>` with the first n that is free, so that every demo begins with nothing. */
function freshFolder(): string {
  for (let n = 1; ; n += 1) {
    const folder = join('.ratchet', `demo-${n}`);
    if (existsSync(folder)) continue;
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { 'no-drift': { type: 'boolean', default: false }, chaos: { type: 'string' } },
  });
  const chaos = values.chaos === undefined ? undefined : numberOf('chaos', values.chaos, 0);
  const folder = freshFolder();
  const demo = createNarrator();
  print(styled('bold', 'Ratchet: the loop turns once on one machine'));
  print(`Everything it makes stays in ${folder}`);

  const cloud = await demo.chapter(
    'Packaging the services and starting the embedded cloud from the package',
    async () => {
      const packageDir = await packageService(STAGE);
      return startCloudProcess({ folder, packageDir, speed: SPEED, chaos });
    },
  );
  const patience = chaos === undefined ? 1 : PATIENCE_UNDER_CHAOS;
  const withDrift = !values['no-drift'];
  const sent = await tell({ cloud, folder, demo, withDrift, patience }).finally(cloud.stop);
  if (chaos !== undefined) print(`\n${faultsTable(folder)}`);
  print(
    `\n${sent} live requests, none lost. ${demo.seconds().toFixed(0)} s in all, at most ${cloud.peakMemoryMb()} MiB of memory.`,
  );
  print(`Look around: ${styled('bold', `npx ratchet dev --dir ${folder}`)}`);
}

type Narrator = ReturnType<typeof createNarrator>;

/** Prints what happens, with the time since the demo's start. */
function createNarrator() {
  const start = Date.now();
  const chapters: Chapter[] = [];
  const stamp = (): string => styled('gray', since(start, Date.now()));
  return {
    chapters,
    /** Done at the end of each chapter. */
    catchUp: async (): Promise<void> => undefined,
    seconds: (): number => (Date.now() - start) / 1000,
    say: (line: string): void => print(`${stamp()}  ${line}`),
    async chapter<T>(title: string, work: () => Promise<T>): Promise<T> {
      const began = Date.now();
      print(`\n${stamp()}  ${styled('bold', title)}`);
      const result = await work();
      await this.catchUp();
      chapters.push({ title, seconds: (Date.now() - began) / 1000 });
      return result;
    },
  };
}

interface Stage {
  readonly cloud: CloudProcess;
  readonly folder: string;
  readonly demo: Narrator;
  readonly withDrift: boolean;
  /** How many times as long as on an undisturbed cloud the demo waits before it gives up. */
  readonly patience: number;
}

/** The loop on a cloud that runs. Answers how many live requests were sent; throws when one of them got no answer. */
async function tell({ cloud, folder, demo, withDrift, patience }: Stage): Promise<number> {
  const { connection } = cloud;
  const api = createApi(connection);
  const story = createStoryApi(api, PIPELINE, patience);
  const { until } = story;
  const s3 = createS3(connection);
  const endpoint = endpointName(STAGE, PIPELINE);
  const traffic = startLiveTraffic(connection, endpoint, REQUESTS_PER_SECOND);
  let isFollowing = true;
  let follower: Promise<void> = Promise.resolve();
  const { say } = demo;
  const chapter: Narrator['chapter'] = (title, work) => demo.chapter(title, work);

  try {
    say(`AWS APIs at ${connection.awsEndpoint}, HTTP API at ${connection.apiUrl}`);
    await applyFile(join(root, 'examples', 'digits', 'pipeline.yml'), connection);
    say('declared examples/digits/pipeline.yml');
    follower = follow();
    // Heard of at the end: what it could not print stops no story.
    follower.catch(() => undefined);

    const first = await chapter('New data: handwritten digits with dirt in them', async () => {
      const { csv, summary } = dirtyDigitsCsv(FIRST);
      say(`dropping ${summary.rows} rows, ${summary.rows - summary.clean} of them dirty`);
      await drop('first', csv);
      const prepared = await story.inPhase(
        1,
        ['prepared', 'training', 'trained', 'evaluating', 'approved', 'promoted'],
        60,
      );
      await sayQuarantine(prepared.runId);
      const promoted = await story.inPhase(1, ['promoted'], 60);
      await story.servesOnly(promoted.model as string, 30);
      return promoted;
    });

    const plain = digitsRows({ from: 60_000, count: 3_000 });
    traffic.write(plain, 'before drift');
    say(`live requests flow: ${REQUESTS_PER_SECOND} a second through InvokeEndpoint`);

    const second = await chapter(
      'More data: a challenger proves itself on 10 % of live traffic',
      async () => {
        await drop('second', digitsCsv(SECOND));
        const promoted = await story.inPhase(2, ['promoted'], 90);
        await story.servesOnly(promoted.model as string, 30);
        return promoted;
      },
    );

    const [rejected, rolledBack] = await chapter(
      'Two bad models: one is caught offline, one only by live traffic',
      async () => {
        await order('trained on shuffled labels', 'shuffled-labels');
        await story.inPhase(3, ['training', 'trained', 'evaluating', 'rejected'], 30);
        await order('right offline, slow on live requests', 'slow-live');
        return Promise.all([story.inPhase(3, ['rejected'], 60), story.inPhase(4, ['rolled-back'], 90)]);
      },
    );
    await story.servesOnly(second.model as string, 30);

    let retrained: { model?: string; runId: string } | undefined;
    if (withDrift) retrained = await drift(second.model as string);
    else await calm();

    isFollowing = false;
    await follower;
    await traffic.stop();
    print(`\n${styled('bold', 'What the system says of it')}`);
    print(
      await closingTable({
        api: story,
        s3,
        bucket: connection.artifactsBucket,
        endpoint,
        sent: traffic.sent,
        models: {
          first: first.model as string,
          second: second.model as string,
          ...(retrained?.model ? { retrained: retrained.model } : {}),
        },
        chapters: demo.chapters,
      }),
    );
    if (traffic.failures() > 0)
      throw new CliError(`${traffic.failures()} live requests were not answered`, exitCode.failed);
    print(`Rejected: ${rejected.reason}`);
    print(`Rolled back: ${rolledBack.reason}`);
    return traffic.sent.length;
  } finally {
    isFollowing = false;
    await follower.catch(() => undefined);
    await traffic.stop();
    s3.destroy();
  }

  /** Prints the runs' steps as they happen, until it is told to stop. */
  async function follow(): Promise<void> {
    const readNew = createTimeline(api, PIPELINE);
    let printed: Promise<void> = Promise.resolve();
    async function printNew(): Promise<void> {
      for (const entry of await readNew()) {
        const name = entry.run.cause.kind === 'person' ? 'run' : entry.run.cause.kind;
        say(
          `${`${name} #${entry.run.number}`.padEnd(9)} ${phaseText(entry.step.phase)}  ${sentenceOf(entry)}`,
        );
      }
    }
    // One reading at a time: two at once would print the same step twice.
    demo.catchUp = () => {
      printed = printed.then(printNew);
      return printed;
    };
    do {
      await demo.catchUp();
      await sleep(FOLLOW_EVERY_MS);
    } while (isFollowing);
  }

  async function drop(name: string, csv: string): Promise<void> {
    const file = join(folder, `${name}.csv`);
    writeFileSync(file, csv);
    await dropFiles(connection, PIPELINE, [file], name);
  }

  async function order(reason: string, rehearse: string): Promise<void> {
    const body = JSON.stringify({ reason, request: rehearse, hyperparameters: { rehearse } });
    await api.send('POST', `/v1/pipelines/${PIPELINE}/runs`, body);
  }

  async function sayQuarantine(runId: string): Promise<void> {
    const { dataset } = await api.get<{ dataset: { prefix: string } }>(`/v1/runs/${runId}`);
    const uri = `${dataset.prefix}quarantine.jsonl`;
    const rules = await quarantinedByRule(s3, uri);
    say(
      `put aside, each row with its reason: ${rules.map(([rule, count]) => `${count} ${rule}`).join(', ')}`,
    );
    say(`they are in ${uri}`);
  }

  async function drift(model: string): Promise<{ model?: string; runId: string }> {
    const found = await chapter('Drift: people begin to write white on black', async () => {
      traffic.write(digitsRows({ from: 63_000, count: 4_000, transform: 'invert' }), 'under drift');
      const reason = await until('drift to be found', 60, async () => {
        const { windows } = await story.monitoring<{ windows: { model: string; verdict: string }[] }>();
        const drifted = windows.filter(
          (window) => window.verdict === 'drifted' && window.model === model,
        ).length;
        return drifted >= 2 ? drifted : undefined;
      });
      say(`${reason} windows of captured inferences have drifted`);
      return reason;
    });
    return chapter('Ground truth: labels arrive, a retraining starts by itself', async () => {
      const drifted = () => traffic.sent.filter(({ period }) => period === 'under drift');
      await until(`${LABELLED} drifted inferences`, 60, async () =>
        drifted().length >= LABELLED ? true : undefined,
      );
      await dropGroundTruth(s3, connection.dropBucket, PIPELINE, drifted().slice(0, LABELLED));
      say(`labels for ${LABELLED} of the drifted inferences dropped (${found} drifted windows)`);
      const promoted = await story.inPhase(5, ['promoted'], 90);
      await story.servesOnly(promoted.model as string, 30);
      traffic.write(digitsRows({ from: 67_000, count: 3_000, transform: 'invert' }), 'after retraining');
      await sleep(4_000);
      return promoted;
    });
  }

  /** Without drift, nothing may happen: two more windows close, and no run begins. */
  async function calm(): Promise<void> {
    await chapter('No drift: nothing to retrain for', async () => {
      const before = (await story.monitoring<{ windows: unknown[] }>()).windows.length;
      await until('two more windows to close', 60, async () => {
        const { windows } = await story.monitoring<{ windows: unknown[] }>();
        return windows.length >= before + 2 ? true : undefined;
      });
      const runs = await story.runs();
      if (runs.length !== 4)
        throw new CliError(`Expected no run beyond the four that were asked for, found ${runs.length}`);
      say('two more windows were calm; no retraining');
    });
  }
}
