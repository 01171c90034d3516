import { IllegalMove } from '../lifecycle/evolve.ts';
import {
  exampleFacts,
  noon,
  pipelineOf,
  receivedRun,
  runIn,
  specificationOf,
} from '../lifecycle/testing/example-runs.ts';
import { Conflict } from './item-store.ts';
import { runKey } from './keys.ts';
import { LOOK_AGAIN_MS, type StoredPipeline } from './run-store.ts';
import { createMemoryRuns, type MemoryRuns } from './testing/memory-runs.ts';

const { runId } = receivedRun();

describe('the run store', () => {
  let memory: MemoryRuns;
  beforeEach(() => {
    memory = createMemoryRuns('training');
  });

  const stored = async () => {
    const found = await memory.runs.loadRun(runId);
    if (!found) throw new Error('There is no run');
    return found;
  };
  const dueOwners = async () => {
    const owners = ['ingest', 'training', 'deployment'];
    const keys = await Promise.all(owners.map((owner) => memory.runs.dueKeys(owner, 10)));
    return owners.filter((_, i) => (keys[i]?.length ?? 0) > 0);
  };

  it('finds a run by its id alone, and none for what is no id', async () => {
    await memory.put(receivedRun());
    expect((await memory.runs.loadRun(runId))?.state.runId).toBe(runId);
    expect(await memory.runs.loadRun('wine-bbbbbbbbbb')).toBeUndefined();
    expect(await memory.runs.loadRun('no run id!')).toBeUndefined();
  });

  it('records a fact: the next version is kept and its events are out', async () => {
    await memory.put(runIn('prepared'));
    const next = await memory.runs.record(await stored(), exampleFacts['training-started']);
    expect(next).toMatchObject({ state: { phase: 'training' }, pending: {} });
    expect(await stored()).toMatchObject({ state: next.state, pending: {} });
    expect(memory.published.map(({ name, detail }) => [name, detail.version])).toEqual([
      ['TrainingStarted.v1', next.state.version],
    ]);
  });

  it('keeps events that cannot be published, and its own sweep finds them', async () => {
    await memory.put(runIn('prepared'));
    memory.clock.busDown = true;
    await expect(memory.runs.record(await stored(), exampleFacts['training-started'])).rejects.toThrow('bus');
    memory.clock.busDown = false;
    const left = await stored();
    expect([left.state.phase, Object.keys(left.pending)]).toEqual(['training', [expect.any(String)]]);
    memory.clock.now += 5_000;
    expect(await memory.runs.dueKeys('training', 10)).toEqual([runKey('wine', runId)]);
    await memory.runs.publishLeftovers(left);
    expect(memory.published.map(({ name }) => name)).toEqual(['TrainingStarted.v1']);
    expect((await stored()).pending).toEqual({});
  });

  it('is found by its writer until the events are out, then by whose turn it is', async () => {
    await memory.put(runIn('training'));
    memory.clock.busDown = true;
    await expect(memory.runs.record(await stored(), exampleFacts['model-trained'])).rejects.toThrow('bus');
    memory.clock.busDown = false;
    memory.clock.now += 60_000;
    expect(await dueOwners()).toEqual(['training']);
    await memory.runs.publishLeftovers(await stored());
    memory.clock.now += 60_000;
    expect(await dueOwners()).toEqual(['deployment']);
    expect(memory.published.map(({ name }) => name)).toEqual(['ModelTrained.v1']);
  });

  it('leaves fresh events to whoever recorded them', async () => {
    await memory.put(runIn('prepared'));
    memory.clock.busDown = true;
    await expect(memory.runs.record(await stored(), exampleFacts['training-started'])).rejects.toThrow('bus');
    memory.clock.busDown = false;
    await memory.runs.publishLeftovers(await stored());
    expect(memory.published).toEqual([]);
  });

  it('refuses what cannot be, and writes nothing', async () => {
    await memory.put(receivedRun());
    await expect(memory.runs.record(await stored(), exampleFacts['model-promoted'])).rejects.toThrow(
      IllegalMove,
    );
    expect((await stored()).version).toBe(1);
  });

  it('lets one of two writers win', async () => {
    await memory.put(runIn('prepared'));
    const both = await stored();
    await memory.runs.record(both, exampleFacts['training-started']);
    await expect(memory.runs.record(both, exampleFacts['run-superseded'])).rejects.toThrow(Conflict);
    expect(memory.published).toHaveLength(1);
  });

  it.each([
    ['preparation-started', 'received', ['ingest']],
    ['dataset-prepared', 'preparing', ['training']],
    ['model-trained', 'training', ['deployment']],
    ['model-promoted', 'canary', []],
    ['run-superseded', 'prepared', []],
    ['run-cancelled', 'canary', []],
  ] as const)('after %s the next look is of whose turn it is', async (kind, phase, owners) => {
    await memory.put(runIn(phase));
    await memory.runs.record(await stored(), exampleFacts[kind]);
    memory.clock.now += LOOK_AGAIN_MS - 1;
    expect(await dueOwners()).toEqual([]);
    memory.clock.now += 60_000;
    expect(await dueOwners()).toEqual(owners);
  });

  it('keeps an ended run in its sweep until its last events are out', async () => {
    await memory.put(runIn('evaluating'));
    memory.clock.busDown = true;
    await expect(memory.runs.record(await stored(), exampleFacts['model-rejected'])).rejects.toThrow('bus');
    memory.clock.now += 60_000;
    expect(await dueOwners()).toEqual(['training']);
    memory.clock.busDown = false;
    await memory.runs.publishLeftovers(await stored());
    expect(memory.published.map(({ name }) => name)).toEqual(['ModelRejected.v1']);
    expect(await dueOwners()).toEqual([]);
  });

  it('keeps a pipeline in the sweep while its endpoint does not follow its wish', async () => {
    await memory.putPipeline(pipelineOf(specificationOf()));
    const load = async () => (await memory.runs.loadPipeline('wine')) as StoredPipeline;
    const desired = { revision: 2, variants: [], settled: 1, attempts: 0 };
    const wishing = await memory.runs.savePipeline(await load(), { ...(await load()).state, desired });
    expect(wishing.state).toMatchObject({
      version: wishing.version,
      updatedAt: new Date(noon).toISOString(),
    });
    memory.clock.now += 60_000;
    expect(await dueOwners()).toEqual(['deployment']);
    await memory.runs.savePipeline(await load(), { ...wishing.state, desired: { ...desired, settled: 2 } });
    expect(await dueOwners()).toEqual([]);
  });
});
