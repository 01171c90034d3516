/** For tests: the ingest service over memory; datasets are really prepared, in a folder of the machine. */

import { runList } from '../../../shared/aws/keys.ts';
import { createMemoryRuns, type MemoryRuns } from '../../../shared/aws/testing/memory-runs.ts';
import type { ObjectCreated } from '../../../shared/contracts/aws-events.ts';
import { isDropManifest } from '../../../shared/contracts/generated/validators.mjs';
import type { PipelineSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import type { Run } from '../../../shared/lifecycle/run.ts';
import { pipelineOf, specificationOf } from '../../../shared/lifecycle/testing/example-runs.ts';
import { withFolder } from '../adapters.ts';
import { type BeginRun, buildBeginRun, buildRefuse } from '../begin-run.ts';
import { buildOnDatasetReceived } from '../on-dataset-received.ts';
import { buildOnDrop, buildTakeDrop, type TakeDrop } from '../on-drop.ts';
import { buildOnProcessingJobState } from '../on-processing-job-state.ts';
import { buildOnRetrainingRequested } from '../on-retraining-requested.ts';
import { buildOnSweep } from '../on-sweep.ts';
import type { DroppedObject, IngestPorts, IngestSettings } from '../ports.ts';
import { resourcesOf } from '../prepare/session.ts';
import { buildPrepareRun } from '../prepare-run.ts';
import { buildReadManifest } from '../read-manifest.ts';
import { MOST_FUNCTION_SOURCE_BYTES } from '../source-job.ts';
import { MOST_FUNCTION_BYTES } from '../spark-job.ts';
import { buildTidyWork } from '../work-folders.ts';
import { createFakeProcessing, type FakeProcessing, prepareWith, type Work } from './fake-processing.ts';
import { createMemoryStorage, type MemoryStorage } from './memory-storage.ts';

export interface World extends MemoryRuns {
  readonly ports: IngestPorts;
  readonly storage: MemoryStorage;
  readonly processing: FakeProcessing;
  readonly sourceJobs: FakeProcessing;
  readonly begin: BeginRun;
  readonly take: TakeDrop;
  /** Writes an object and delivers its event. */
  drop(key: string, content: string): Promise<DroppedObject>;
  /** Delivers the event of an object (again). */
  told(object: DroppedObject): Promise<void>;
  /** Delivers an object's event to a process with other ports. */
  dropBy(ports: IngestPorts, object: DroppedObject): Promise<void>;
  received(runId: string): Promise<void>;
  /** Delivers the event of a Processing job. */
  jobMoved(name: string): Promise<void>;
  retraining: ReturnType<typeof buildOnRetrainingRequested>;
  sweep(): Promise<void>;
  /** All runs of a pipeline, the newest first. */
  listed(pipeline?: string): Promise<readonly Run[]>;
}

export const settings = {
  stage: 'test',
  account: '123456789012',
  region: 'us-east-1',
  dropBucket: 'drop',
  artifactsBucket: 'artifacts',
  sparkAboveBytes: MOST_FUNCTION_BYTES,
  sparkInstance: 'ml.m5.4xlarge',
  sourceJobAboveBytes: MOST_FUNCTION_SOURCE_BYTES,
  sourceInstance: 'ml.m5.large',
  sourceNetworks: ['10.1.0.0/16'],
  sourceAuthorities: ['an authority'],
} as const;

/** Rows of the example pipeline: label and two features, `from` on. */
export function rows(from: number, count: number): string {
  const lines = Array.from({ length: count }, (_, i) => `${(from + i) % 2},${from + i},${(from + i) / 7}`);
  return `y,a,b\n${lines.join('\n')}\n`;
}

export async function createWorld(
  specification: PipelineSpecification | undefined = specificationOf(),
  given: Partial<IngestSettings> = {},
  pullWith: (storage: MemoryStorage) => Work = () => async () => undefined,
  limits?: IngestPorts['limits'],
): Promise<World> {
  const memory = createMemoryRuns('ingest');
  const { clock, mortal, items, runs, publish } = memory;
  const now = () => clock.now;
  const storage = createMemoryStorage(now);
  const { put: _, text: __, keys: ___, list, ...rest } = storage;
  const processing = createFakeProcessing(prepareWith(storage));
  const sourceJobs = createFakeProcessing(pullWith(storage));
  const ports: IngestPorts = {
    items,
    runs,
    publish,
    storage: {
      ...mortal.port(rest, [
        'writeFile',
        'writeText',
        'writeOnce',
        'copy',
        'copyOnce',
        'remove',
        'removeAll',
      ]),
      list,
    },
    withFolder,
    resources: resourcesOf(1024),
    ...(limits ? { limits } : {}),
    settings: { ...settings, ...given },
    processing: mortal.port(processing, ['start']),
    sourceJobs: mortal.port(sourceJobs, ['start']),
    now,
  };
  const begin = buildBeginRun(ports);
  const takeWith = (own: IngestPorts) =>
    buildTakeDrop({
      ports: own,
      begin: buildBeginRun(own),
      refuse: buildRefuse(own),
      readManifest: buildReadManifest(isDropManifest),
    });
  const take = takeWith(ports);
  const prepare = buildPrepareRun(ports);
  const onDrop = buildOnDrop(ports, take);
  const onDatasetReceived = buildOnDatasetReceived(prepare);
  if (specification) await memory.putPipeline(pipelineOf(specification));

  const eventOf = ({ bucket, key, size, versionId, sequencer }: DroppedObject): ObjectCreated => ({
    bucket: { name: bucket },
    object: { key, size, 'version-id': versionId, sequencer },
  });
  const told = (object: DroppedObject): Promise<void> => onDrop(eventOf(object));

  return {
    ...memory,
    ports,
    storage,
    processing,
    sourceJobs,
    begin,
    take,
    told,
    drop: async (key, content) => {
      const object = storage.put('drop', key, content);
      await told(object);
      return object;
    },
    dropBy: (own, object) => buildOnDrop(own, takeWith(own))(eventOf(object)),
    received: (runId) => onDatasetReceived({ pipeline: 'wine', runId, version: 1, cause: 'data', parts: 1 }),
    jobMoved: (name) =>
      buildOnProcessingJobState(
        processing,
        prepare,
        buildTidyWork(ports),
      )({ ProcessingJobName: name, ProcessingJobStatus: '' }),
    retraining: buildOnRetrainingRequested(ports, begin),
    sweep: buildOnSweep({ ports, begin, take, prepare }),
    listed: async (pipeline = 'wine') => (await items.list<Run>(runList(pipeline), { limit: 100 })).items,
  };
}
