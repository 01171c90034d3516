import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { inOrder } from './in-order.ts';

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

describe('inOrder', () => {
  it('gives every answer in its place, and never asks more at once than it may', async () => {
    const delays = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(delays, fc.integer({ min: 0, max: 5 }), async (all, most) => {
        let underWay = 0;
        let peak = 0;
        const answers: number[] = [];
        const ask = async ([at, delay]: readonly [number, number]) => {
          underWay += 1;
          peak = Math.max(peak, underWay);
          await sleep(delay);
          underWay -= 1;
          return at;
        };
        const bodies = all.map((delay, at) => [at, delay] as const);
        for await (const answer of inOrder(each(bodies), most, ask)) answers.push(answer);
        expect(answers).toEqual(all.map((_, at) => at));
        expect(peak).toBeLessThanOrEqual(Math.max(1, most));
      }),
      { numRuns: 50 },
    );
  });

  it('rejects with the first failure, and leaves no other unhandled', async () => {
    const ask = (at: number) => (at === 0 ? sleep(5).then(() => 0) : Promise.reject(new Error(`no ${at}`)));
    const all = async () => {
      for await (const _ of inOrder(each([0, 1, 2]), 3, ask));
    };
    await expect(all()).rejects.toThrow('no 1');
  });
});
