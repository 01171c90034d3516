/** For tests: a pipeline with a champion, its captures and labels, and the service's handlers over memory. */
import type { ItemStore, Stored } from '../../../shared/aws/item-store.ts';
import { monitorKey, pipelineKey, runKey } from '../../../shared/aws/keys.ts';
import { createMemoryItemStore } from '../../../shared/aws/memory-item-store.ts';
import type { LifecycleEvent } from '../../../shared/contracts/events.ts';
import { modelName } from '../../../shared/contracts/names.ts';
import type { PipelineSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import type { Cause, Phase } from '../../../shared/lifecycle/run.ts';
import { specificationOf as exampleSpecification } from '../../../shared/lifecycle/testing/example-runs.ts';
import { createFactFinder } from '../facts.ts';
import { createInTurn } from '../in-turn.ts';
import { createKeeper } from '../keeper.ts';
import type { Monitor } from '../monitor.ts';
import { buildOnCapture } from '../on-capture.ts';
import { buildOnGroundTruth } from '../on-ground-truth.ts';
import { buildOnSweep } from '../on-sweep.ts';
import type { MonitoringPorts } from '../ports.ts';
import { buildReconcile, type Reconcile, type Workings } from '../reconcile.ts';
import { createMemoryObjects, type MemoryObjects } from './memory-objects.ts';

export const pipeline = 'wine';
export const settings = { stage: 'test', artifactsBucket: 'artifacts', dropBucket: 'drop' } as const;
export const hour = '2026/11/23/10';
export const started = Date.parse('2026-11-23T10:00:00Z');

const edges = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);
const features = ['x0', 'x1', 'x2'];

export const monitorSpecification: PipelineSpecification['monitor'] = {
  capture: 100,
  window: 200,
  drift: { falseDiscoveryRate: 0.05, effect: 0.15, features: 0.05, windows: 2 },
  quality: { minimumLabels: 30, tolerance: 0.05 },
  retrain: { automatic: true, minimumLabels: 100, coolDown: '6 hours', rejections: 2 },
};

/** A pipeline whose requests have these columns. */
export const specificationOf = (
  monitor: PipelineSpecification['monitor'] = monitorSpecification,
  columns: readonly string[] = features,
): PipelineSpecification => ({
  ...exampleSpecification({
    name: pipeline,
    data: {
      columns: [
        { name: 'y', type: 'integer' },
        ...columns.map((name) => ({ name, type: 'number', missing: 'allow' })),
      ],
      target: 'y',
    },
    evaluate: { metric: 'accuracy', prediction: 'label', required: 0.5 },
  }),
  monitor,
});

export interface Handlers {
  readonly reconcile: Reconcile;
  onCapture(event: unknown): Promise<void>;
  onGroundTruth(event: unknown): Promise<void>;
  onSweep(): Promise<void>;
}

function handlersOf(ports: MonitoringPorts): Handlers {
  const workings: Workings = {
    keeper: createKeeper(ports),
    facts: createFactFinder(ports),
    inTurn: createInTurn(),
  };
  const reconcile = buildReconcile(ports, workings);
  return {
    reconcile,
    onCapture: buildOnCapture(ports, workings, reconcile),
    onGroundTruth: buildOnGroundTruth(ports, workings, reconcile),
    onSweep: buildOnSweep(ports, reconcile),
  };
}

export interface World extends Handlers {
  readonly items: ItemStore;
  readonly objects: MemoryObjects;
  readonly published: LifecycleEvent[];
  readonly clock: { now: number; busDown: boolean };
  /** Handlers as another process has them, over the same table and objects. */
  another(): Handlers;
  monitor(): Promise<Monitor>;
  stored(): Promise<Stored<Monitor>>;
  /** Makes a run, in `phase`, with its dataset files. */
  run(runId: string, phase: Phase, cause?: Cause['kind']): Promise<void>;
  /** Makes a run's model the champion. */
  promote(runId: string, cause?: Cause['kind']): Promise<void>;
}

export const championRun = `${pipeline}-aaaaaaaaaa`;
export const champion = modelName(settings.stage, championRun);

export async function createWorld(
  monitor: Partial<PipelineSpecification['monitor']> = {},
  races = (store: ItemStore): ItemStore => store,
): Promise<World> {
  const clock = { now: started, busDown: false };
  const now = () => clock.now;
  const items = createMemoryItemStore({ owner: 'monitoring', now });
  const objects = createMemoryObjects(now);
  const published: LifecycleEvent[] = [];
  const ports: MonitoringPorts = {
    items: races(items),
    objects,
    settings,
    now,
    publish: async (stored) => {
      if (clock.busDown) throw new Error('The bus does not answer');
      published.push(...Object.values(stored.pending));
      await items.forget(stored, Object.keys(stored.pending));
    },
  };
  const handlers = handlersOf(ports);
  const specification = specificationOf({ ...monitorSpecification, ...monitor });

  async function put(key: { pk: string; sk: string }, state: unknown): Promise<void> {
    const before = await items.load(key);
    if (before) await items.commit(before, { state });
    else await items.create(key, { state });
  }

  async function run(runId: string, phase: Phase, cause: Cause['kind'] = 'data'): Promise<void> {
    const prefix = `s3://artifacts/datasets/${pipeline}/${runId}/`;
    const address = (name: string) => ({ bucket: 'artifacts', key: `datasets/${pipeline}/${runId}/${name}` });
    await objects.writeJson(address('reference.json'), {
      formatVersion: 1,
      rows: 2_000,
      columns: features.map((name) => ({
        name,
        edges,
        counts: new Array(edges.length + 1).fill(100),
        missing: 0,
      })),
    });
    const gate = { metric: 'accuracy', rows: 300, candidate: 0.95, report: 's3://artifacts/gate.json' };
    const updatedAt = new Date(clock.now).toISOString();
    await put(runKey(pipeline, runId), {
      runId,
      pipeline,
      phase,
      cause: { kind: cause },
      updatedAt,
      specification,
      gate,
      dataset: { version: runId, prefix },
    });
  }

  async function promote(runId: string, cause: Cause['kind'] = 'data'): Promise<void> {
    await run(runId, 'promoted', cause);
    const model = { name: modelName(settings.stage, runId), runId, artifact: '', image: '', dataset: runId };
    await put(pipelineKey(pipeline), { name: pipeline, specification, champion: model });
  }

  const stored = async () => (await items.load<Monitor>(monitorKey(pipeline))) as Stored<Monitor>;
  await promote(championRun);
  return {
    items,
    objects,
    published,
    clock,
    ...handlers,
    another: () => handlersOf(ports),
    stored,
    monitor: async () => (await stored()).state,
    run,
    promote,
  };
}
