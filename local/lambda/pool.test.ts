import { jest } from '@jest/globals';
import fc from 'fast-check';
import type { Environment } from './environment.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { createPool } from './pool.ts';

const MAX_WARM = 3;
const START_MS = 100;

/** An invocation of a function, so long after the one before it; its process may end by itself. */
interface Call {
  readonly name: string;
  readonly afterMs: number;
  readonly durationMs: number;
  readonly ending: 'answers' | 'ends with it' | 'ends before it';
}

const call: fc.Arbitrary<Call> = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  afterMs: fc.nat(300),
  durationMs: fc.nat(1_500),
  ending: fc.constantFrom('answers', 'answers', 'answers', 'ends with it', 'ends before it'),
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Processes that take `START_MS` to start, with a count of those that live and of invocations that shared one. Every
 * other one takes all events that it is given. */
function processes() {
  const counts = { started: 0, living: 0, most: 0, shared: 0 };
  async function start({ name }: FunctionDefinition): Promise<Environment> {
    counts.started += 1;
    counts.living += 1;
    const isReliable = counts.started % 2 === 0;
    counts.most = Math.max(counts.most, counts.living);
    await sleep(START_MS);
    const ended = Promise.withResolvers<void>();
    let isAlive = true;
    let isBusy = false;
    const end = () => {
      if (isAlive) counts.living -= 1;
      isAlive = false;
      ended.resolve();
    };
    return {
      functionName: name,
      pid: 1,
      ended: ended.promise,
      alive: () => isAlive,
      async invoke(_requestId, payload) {
        if (isBusy) counts.shared += 1;
        isBusy = true;
        const { durationMs, ending } = JSON.parse(payload) as Call;
        if (ending === 'ends before it' && !isReliable) {
          end();
          return undefined;
        }
        await sleep(durationMs);
        isBusy = false;
        if (ending === 'ends with it') end();
        return { payload };
      },
      stop: async () => end(),
    };
  }
  return { counts, start };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('answers every invocation, each in a process of its own, of which there are never too many', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 40 }), async (calls) => {
      const { counts, start } = processes();
      const pool = createPool({ start, maxWarm: MAX_WARM, idleMs: 2_000 });
      const answers: Promise<unknown>[] = [];
      for (const each of calls) {
        await jest.advanceTimersByTimeAsync(each.afterMs);
        answers.push(pool.run({ name: each.name } as FunctionDefinition, 'r', JSON.stringify(each)));
      }
      await jest.advanceTimersByTimeAsync(120_000);
      expect(await Promise.all(answers)).toHaveLength(calls.length);
      expect(counts).toMatchObject({ living: 0, shared: 0 });
      expect(counts.most).toBeLessThanOrEqual(MAX_WARM);
      await pool.close();
    }),
    { numRuns: 100 },
  );
});

it('starts a second process of a function once the first has been busy for too long', async () => {
  const { start, counts } = processes();
  const pool = createPool({ start, maxWarm: MAX_WARM, idleMs: 1_000 });
  const event = JSON.stringify({ durationMs: 5_000, ending: 'answers' });
  const both = [1, 2].map(() => pool.run({ name: 'a' } as FunctionDefinition, 'r', event));
  await jest.advanceTimersByTimeAsync(400);
  expect(counts.started).toBe(1);
  await jest.advanceTimersByTimeAsync(200);
  expect(counts.started).toBe(2);
  await jest.advanceTimersByTimeAsync(5_200);
  expect(await Promise.all(both)).toHaveLength(2);
  await pool.close();
});

it('throttles who has waited in vain', async () => {
  const { start } = processes();
  const pool = createPool({ start, maxWarm: 1, idleMs: 1_000 });
  const run = (name: string, patienceMs?: number) => {
    const event = { durationMs: 5_000, ending: 'answers' };
    return pool.run({ name } as FunctionDefinition, 'r', JSON.stringify(event), patienceMs);
  };
  const first = run('a');
  const second = run('b', 3_000).catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(3_000);
  expect(await second).toMatchObject({
    code: 'TooManyRequestsException',
    status: 429,
    members: { Reason: 'ConcurrentInvocationLimitExceeded' },
  });
  await jest.advanceTimersByTimeAsync(3_000);
  expect(await first).toMatchObject({ payload: expect.any(String) });
  await pool.close();
});
