import type { Run } from '../lifecycle/run.ts';
import {
  exampleFacts,
  pipelineOf,
  receivedRun,
  runIdOfNumber,
  runIn,
  specificationOf,
} from '../lifecycle/testing/example-runs.ts';
import { createMemoryRuns, type MemoryRuns } from './testing/memory-runs.ts';

describe('the keeper of slots', () => {
  let memory: MemoryRuns;
  let first: Run;
  let second: Run;
  let third: Run;

  beforeEach(async () => {
    memory = createMemoryRuns('training');
    await memory.putPipeline(pipelineOf(specificationOf()));
    [first, second, third] = [1, 2, 3].map((number) => runIn('prepared', receivedRun({ number }))) as [
      Run,
      Run,
      Run,
    ];
    for (const run of [first, second, third]) await memory.put(run);
  });

  const slot = async () => (await memory.pipeline()).trainingSlot;
  const end = async (run: Run) => {
    const stored = await memory.runs.loadRun(run.runId);
    if (stored) await memory.runs.record(stored, exampleFacts['run-failed']);
  };

  it('writes who holds and who waits into the pipeline item', async () => {
    expect((await memory.slots.take(first, 'trainingSlot')).kind).toBe('held');
    expect((await memory.slots.take(second, 'trainingSlot')).kind).toBe('waits');
    expect(await slot()).toEqual({
      holder: { runId: first.runId, number: 1 },
      waiting: { runId: second.runId, number: 2 },
    });
    expect((await memory.pipeline()).canarySlot).toEqual({});
  });

  it('writes nothing when the same run asks again, nor for one that is sent away', async () => {
    await memory.slots.take(second, 'trainingSlot');
    const { version } = await memory.pipeline();
    await memory.slots.take(second, 'trainingSlot');
    expect(await memory.slots.take(first, 'trainingSlot')).toEqual({
      kind: 'superseded',
      by: { runId: second.runId, number: 2 },
    });
    expect((await memory.pipeline()).version).toBe(version);
  });

  it('tells who was displaced', async () => {
    for (const run of [first, second]) await memory.slots.take(run, 'trainingSlot');
    expect(await memory.slots.take(third, 'trainingSlot')).toMatchObject({
      kind: 'waits',
      displaced: { runId: second.runId },
    });
  });

  it('gives the slot to the waiting run and says so; giving back twice changes nothing', async () => {
    for (const run of [first, second]) await memory.slots.take(run, 'trainingSlot');
    expect(await memory.slots.release(first, 'trainingSlot')).toEqual({ runId: second.runId, number: 2 });
    expect(await memory.slots.release(first, 'trainingSlot')).toBeUndefined();
    expect(await slot()).toEqual({ holder: { runId: second.runId, number: 2 } });
    expect(await memory.slots.release(second, 'trainingSlot')).toBeUndefined();
    expect(await slot()).toEqual({});
  });

  it('takes the slot from a holder that ended without giving it back', async () => {
    await memory.slots.take(first, 'trainingSlot');
    await memory.slots.take(second, 'trainingSlot');
    await end(first);
    expect((await memory.slots.take(second, 'trainingSlot')).kind).toBe('held');
    expect(await slot()).toEqual({ holder: { runId: second.runId, number: 2 } });
  });

  it('takes the slot from a holder that is nowhere', async () => {
    await memory.slots.take({ ...first, runId: runIdOfNumber(20) }, 'trainingSlot');
    expect((await memory.slots.take(second, 'trainingSlot')).kind).toBe('held');
  });

  it('leaves the slot to a holder that is still at work', async () => {
    await memory.slots.take(first, 'trainingSlot');
    const stored = await memory.runs.loadRun(first.runId);
    if (stored) await memory.runs.record(stored, exampleFacts['training-started']);
    expect((await memory.slots.take(second, 'trainingSlot')).kind).toBe('waits');
  });

  it('has one holder after a race, and the newest of the others waits', async () => {
    const answers = await Promise.all(
      [third, first, second].map((run) => memory.slots.take(run, 'trainingSlot')),
    );
    const { holder, waiting } = await slot();
    expect(answers.filter(({ kind }) => kind === 'held')).toHaveLength(1);
    expect([holder?.number, waiting?.number]).toContain(3);
  });

  it('does not know slots of a pipeline that has no item', async () => {
    const stranger = { ...first, pipeline: 'beer' };
    await expect(memory.slots.take(stranger, 'trainingSlot')).rejects.toThrow('beer has no item');
  });
});
