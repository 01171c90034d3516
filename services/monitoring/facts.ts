/** What the table and the artifacts say around the monitor: pipeline, champion, retraining run, dataset files. */
import type { ItemStore } from '../../shared/aws/item-store.ts';
import { pipelineKey, runKey } from '../../shared/aws/keys.ts';
import { parseS3Uri } from '../../shared/contracts/s3-uri.ts';
import type { Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { Run } from '../../shared/lifecycle/run.ts';
import { type RequestColumns, requestColumns } from '../../shared/serving/request-columns.ts';
import type { Champion, Facts, Monitor } from './monitor.ts';
import { runOfModel } from './object-names.ts';
import { type Observer, observerOf } from './observer.ts';
import { type MonitoringPorts, ObjectMissing, type Objects } from './ports.ts';
import { parseReference, type Reference, UnusableDataset } from './reference.ts';
import type { RetrainingRun } from './retraining.ts';
import { type TargetLabels, targetLabels } from './target-labels.ts';

export interface FactFinder {
  /** Undefined when there is no such pipeline. */
  around(state: Pick<Monitor, 'pipeline' | 'retraining'>): Promise<Facts | undefined>;
  /** How the rows that a model learned from were distributed. Throws UnusableDataset. */
  reference(pipeline: string, model: string): Promise<Reference>;
  /** What applications ask a model with. Throws UnusableDataset. */
  asked(pipeline: string, model: string): Promise<Asked>;
}

export interface Asked {
  readonly columns: RequestColumns;
  readonly labels: TargetLabels;
  readonly observer: Observer;
}

export function createFactFinder({
  items,
  objects,
  settings,
}: Pick<MonitoringPorts, 'items' | 'objects' | 'settings'>): FactFinder {
  const loadRun = async (pipeline: string, runId: string): Promise<Run | undefined> =>
    (await items.load<Run>(runKey(pipeline, runId)))?.state;

  async function runOf(pipeline: string, model: string): Promise<Run | undefined> {
    const runId = runOfModel(settings.stage, model);
    return runId ? loadRun(pipeline, runId) : undefined;
  }

  async function datasetFile(pipeline: string, model: string, name: string): Promise<unknown> {
    const run = await runOf(pipeline, model);
    const dataset = run && 'dataset' in run ? run.dataset : undefined;
    if (!dataset) throw new UnusableDataset(`${model} has no run with a dataset`);
    return readDatasetFile(objects, `${dataset.prefix}${name}`);
  }

  return {
    around: async ({ pipeline: name, retraining }) => {
      const pipeline = (await items.load<Pipeline>(pipelineKey(name)))?.state;
      if (!pipeline) return undefined;
      const champion = pipeline.champion && (await championOf(pipeline, loadRun));
      const retrainingRun =
        retraining.inFlight && (await retrainingRunOf(items, name, retraining.inFlight.runId));
      const desired = pipeline.desired?.variants.map(({ model }) => model.name) ?? [];
      return {
        specification: pipeline.specification,
        serving: champion ? [champion.model, ...desired] : desired,
        ...(champion ? { champion } : {}),
        ...(retrainingRun ? { retrainingRun } : {}),
      };
    },
    reference: async (pipeline, model) =>
      parseReference(await datasetFile(pipeline, model, 'reference.json')),
    asked: async (pipeline, model) => {
      const specification = (await runOf(pipeline, model))?.specification;
      if (!specification) throw new UnusableDataset(`${model} has no run with a specification`);
      return {
        columns: requestColumns(specification.data),
        labels: targetLabels(specification.data),
        observer: observerOf(specification),
      };
    },
  };
}

type LoadRun = (pipeline: string, runId: string) => Promise<Run | undefined>;

async function championOf(
  { name, champion, specification }: Pipeline,
  loadRun: LoadRun,
): Promise<Champion | undefined> {
  if (!champion) return undefined;
  const run = await loadRun(name, champion.runId);
  const gate = run && 'gate' in run ? run.gate : undefined;
  const expected = gate?.metric === specification.evaluate.metric ? gate?.candidate : undefined;
  return {
    model: champion.name,
    runId: champion.runId,
    cause: run?.cause.kind ?? 'data',
    ...(expected === undefined ? {} : { expected }),
  };
}

async function retrainingRunOf(items: ItemStore, pipeline: string, runId: string): Promise<RetrainingRun> {
  const run = (await items.load<Run>(runKey(pipeline, runId)))?.state;
  if (!run) return { kind: 'absent' };
  return { kind: 'present', phase: run.phase, updatedAt: Date.parse(run.updatedAt) };
}

async function readDatasetFile(objects: Objects, uri: string): Promise<unknown> {
  try {
    return await objects.json(parseS3Uri(uri));
  } catch (error) {
    if (error instanceof ObjectMissing || error instanceof SyntaxError || error instanceof RangeError) {
      throw new UnusableDataset(`${uri}: ${error.message}`);
    }
    throw error;
  }
}
