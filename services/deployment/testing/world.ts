/** For tests: the deployment service over memory, with an endpoint, jobs and live traffic that follow one clock. */
import { createMemoryRuns, type MemoryRuns } from '../../../shared/aws/testing/memory-runs.ts';
import type { PipelineSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import { isTerminal } from '../../../shared/lifecycle/moves.ts';
import type { CanaryCounts, ModelRef, Phase } from '../../../shared/lifecycle/run.ts';
import {
  modelOf,
  pipelineOf,
  receivedRun,
  runIdOfNumber,
  runIn,
  specificationOf,
} from '../../../shared/lifecycle/testing/example-runs.ts';
import type { MinuteBlock } from '../canary-evidence.ts';
import { buildOnEndpointWish } from '../on-endpoint-wish.ts';
import { buildOnSweep } from '../on-sweep.ts';
import type { DeploymentPorts, LiveMetrics } from '../ports.ts';
import { buildReconcile, type Reconcile } from '../reconcile.ts';
import { alone } from '../wishes.ts';
import { createFakeEndpoint, type FakeEndpoint } from './fake-endpoint.ts';
import {
  createFakePredictions,
  createMemoryReports,
  type FakePredictions,
  labelsText,
} from './fake-predictions.ts';

const MINUTE_MS = 60_000;
const LATENESS_MS = 120_000;
const STEP_MS = 5_000;

/** Requests a minute, the share of them that fails, and their p90 (ms). */
export interface Traffic {
  perMinute: number;
  failing: number;
  p90Ms: number;
}

export interface World extends MemoryRuns {
  readonly endpoint: FakeEndpoint;
  readonly predictions: FakePredictions;
  readonly files: Map<string, string>;
  readonly traffic: { challenger: Traffic; champion: Traffic };
  readonly reconcile: Reconcile;
  sweep(): Promise<void>;
  /** Delivers every wish that waits, each twice now and then. */
  fulfilWishes(): Promise<void>;
  /** Puts a run whose model is trained. */
  train(number: number): Promise<string>;
  /** Makes the model of run `number` champion, serving. */
  enthrone(number: number): Promise<ModelRef>;
  /** Lets time pass until every run has ended and the endpoint follows; at most so many steps of 5 s. */
  untilRest(steps?: number): Promise<void>;
  /** Lets time pass until the run is in the phase. */
  until(runId: string, phase: Phase): Promise<void>;
}

function minuteBlocks(traffic: World['traffic'], from: number, now: number): MinuteBlock[] {
  const start = Math.floor(from / MINUTE_MS) * MINUTE_MS;
  const blocks: MinuteBlock[] = [];
  for (let minute = start; minute <= now; minute += MINUTE_MS) {
    const share = Math.min(1, (now - minute) / MINUTE_MS);
    const counts = ({ perMinute, failing }: Traffic): CanaryCounts => {
      const requests = Math.floor(perMinute * share);
      return { requests, errors: Math.floor(requests * failing) };
    };
    blocks.push({
      start: minute,
      end: minute + MINUTE_MS,
      complete: minute + MINUTE_MS + LATENESS_MS <= now,
      challenger: counts(traffic.challenger),
      champion: counts(traffic.champion),
      challengerP90Ms: traffic.challenger.p90Ms,
      championP90Ms: traffic.champion.p90Ms,
    });
  }
  return blocks;
}

/** `champion` serves alone from the beginning. */
export async function createWorld(
  specification: PipelineSpecification = specificationOf(),
  champion?: ModelRef,
): Promise<World> {
  const memory = createMemoryRuns('deployment');
  const { clock, mortal } = memory;
  const now = () => clock.now;
  const files = new Map([['s3://artifacts/datasets/wine/d1/test/labels.csv', labelsText]]);
  const endpoint = createFakeEndpoint(now);
  const predictions = createFakePredictions(now, files);
  const traffic: World['traffic'] = {
    challenger: { perMinute: 100, failing: 0, p90Ms: 10 },
    champion: { perMinute: 900, failing: 0, p90Ms: 10 },
  };
  const metrics: LiveMetrics = { minuteBlocks: async ({ from }) => minuteBlocks(traffic, from, clock.now) };
  const wishes: string[] = [];
  const ports: DeploymentPorts = {
    runs: memory.runs,
    slots: memory.slots,
    predictions: mortal.port<DeploymentPorts['predictions']>(predictions, ['start']),
    reports: mortal.port(createMemoryReports(files), ['write']),
    endpoints: { describe: endpoint.describe },
    metrics,
    wish: mortal.deed(async (pipeline: string) => {
      wishes.push(pipeline);
    }),
    settings: { stage: 'test', account: '123456789012', region: 'us-east-1', artifactsBucket: 'artifacts' },
    now,
  };
  const { create, replace, weigh } = endpoint;
  const changes = mortal.port({ create, replace, weigh }, ['create', 'replace', 'weigh']);
  const reconcile = buildReconcile(ports);
  const fulfil = buildOnEndpointWish(ports, changes, reconcile);
  const sweep = buildOnSweep(ports, reconcile);
  const known: string[] = [];
  if (champion) {
    const desired = { revision: 1, settled: 1, attempts: 0, variants: alone(champion) };
    await memory.putPipeline(pipelineOf(specification, { champion, desired }));
    endpoint.install({ [champion.name]: 1 });
  } else {
    await memory.putPipeline(pipelineOf(specification));
  }

  async function fulfilWishes(): Promise<void> {
    for (let count = 0; count < 10; count += 1) {
      const [pipeline] = wishes;
      if (!pipeline) return;
      await fulfil(pipeline);
      // A queue may deliver a message again.
      if (count % 3 === 0) await fulfil(pipeline);
      wishes.shift();
    }
  }

  /** A process that dies in it is followed by another. */
  async function survived(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!mortal.isDead) throw error;
      mortal.revive();
    }
  }

  async function isAtRest(): Promise<boolean> {
    const runs = await Promise.all(known.map((runId) => memory.runs.loadRun(runId)));
    const { desired } = await memory.pipeline();
    const isSettled = !desired || desired.settled === desired.revision;
    const isDone = (run: (typeof runs)[number]) =>
      run && isTerminal(run.state.phase) && Object.keys(run.pending).length === 0;
    return wishes.length === 0 && isSettled && runs.every(isDone);
  }

  async function step(): Promise<void> {
    clock.now += STEP_MS;
    await survived(sweep);
    await survived(fulfilWishes);
  }

  const world: World = {
    ...memory,
    endpoint,
    predictions,
    files,
    traffic,
    reconcile,
    sweep,
    fulfilWishes,
    train: async (number) => {
      const run = runIn('trained', receivedRun({ number, specification }));
      await memory.put({ ...run, model: modelOf(number) });
      known.push(run.runId);
      return run.runId;
    },
    enthrone: async (number) => {
      const runId = await world.train(number);
      await world.untilRest();
      await memory.run(runId, 'promoted');
      return modelOf(number);
    },
    untilRest: async (steps = 400) => {
      for (let count = 0; count < steps; count += 1) {
        if (await isAtRest()) return;
        await step();
      }
      const phases = await Promise.all(known.map(async (runId) => (await memory.run(runId)).phase));
      throw new Error(`No rest after ${steps} steps: ${phases.join(', ')}`);
    },
    until: async (runId, phase) => {
      for (let count = 0; count < 400; count += 1) {
        if ((await memory.run(runId)).phase === phase) return;
        await step();
      }
      throw new Error(`${runId} is ${(await memory.run(runId)).phase}, not ${phase}`);
    },
  };
  return world;
}

export const runId = runIdOfNumber;
