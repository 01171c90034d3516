import { pipelineOf, receivedRun, runIn, specificationOf } from '../lifecycle/testing/example-runs.ts';
import { capturingLog } from '../runtime/testing/captured-log.ts';
import { Conflict } from './item-store.ts';
import { runOfKey, sweepRuns } from './sweep.ts';
import { createMemoryRuns, type MemoryRuns } from './testing/memory-runs.ts';
import { tryAgainOnConflict } from './try-again.ts';

describe('a sweep', () => {
  let memory: MemoryRuns;
  beforeEach(async () => {
    memory = createMemoryRuns('training');
    for (const number of [1, 2, 3]) await memory.put(runIn('prepared', receivedRun({ number })));
    await memory.putPipeline(pipelineOf(specificationOf()));
  });

  it('brings on every run whose time has come', async () => {
    const seen: string[] = [];
    await sweepRuns('training', memory.runs, async (runId) => {
      seen.push(runId);
    });
    expect(seen.sort()).toEqual([1, 2, 3].map((number) => receivedRun({ number }).runId));
    seen.length = 0;
    await sweepRuns('ingest', memory.runs, async (runId) => {
      seen.push(runId);
    });
    expect(seen).toEqual([]);
  });

  it('does not let one run that fails keep the others from their turn, and tells of it at the end', async () => {
    const seen: string[] = [];
    const { lines } = await capturingLog(async () => {
      const sweep = sweepRuns('training', memory.runs, async (runId) => {
        seen.push(runId);
        if (seen.length === 1) throw new Error('SageMaker does not answer');
      });
      await expect(sweep).rejects.toThrow('1 of 3 runs could not be brought on');
    });
    expect(seen).toHaveLength(3);
    expect(lines[0]).toContain('SageMaker does not answer');
  });

  it('knows the keys of runs from those of other items', () => {
    expect(runOfKey({ pk: 'PIPELINE#wine', sk: 'RUN#wine-aaaaaaaaaa' })).toBe('wine-aaaaaaaaaa');
    expect(runOfKey({ pk: 'PIPELINE#wine', sk: 'PIPELINE' })).toBeUndefined();
    expect(runOfKey({ pk: 'PIPELINE#wine', sk: 'RUN#what' })).toBeUndefined();
  });
});

describe('trying again', () => {
  const key = { pk: 'p', sk: 's' };
  const failing = (times: number, error: Error) => {
    let calls = 0;
    return async () => {
      calls += 1;
      if (calls <= times) throw error;
      return calls;
    };
  };

  it('repeats while another writer was faster, six times at most', async () => {
    expect(await tryAgainOnConflict(failing(5, new Conflict(key)))).toBe(6);
    await expect(tryAgainOnConflict(failing(6, new Conflict(key)))).rejects.toThrow(Conflict);
  });

  it('does not repeat what failed otherwise', async () => {
    await expect(tryAgainOnConflict(failing(1, new Error('no')))).rejects.toThrow('no');
  });
});
