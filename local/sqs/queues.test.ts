import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Message } from './message.ts';
import { Queues } from './queues.ts';

const identity = { account: '000000000000', region: 'us-east-1' };
const MAX_RECEIVE_COUNT = 2;
const RedrivePolicy = JSON.stringify({
  deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead',
  maxReceiveCount: MAX_RECEIVE_COUNT,
});

const seconds = fc.nat({ max: 3 });
const step = fc.oneof(
  fc.record({ do: fc.constant('send' as const), delay: seconds }),
  fc.record({ do: fc.constant('receive' as const), max: fc.integer({ min: 1, max: 4 }), seconds }),
  fc.record({ do: fc.constant('delete' as const), receipt: fc.nat({ max: 30 }) }),
  fc.record({ do: fc.constant('hide' as const), receipt: fc.nat({ max: 30 }), seconds }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.nat({ max: 4_000 }) }),
  fc.record({ do: fc.constant('restart' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A queue with what a careful observer knows of its messages, by their bodies. */
class Observed {
  readonly dir = mkdtempSync(join(tmpdir(), 'queues-'));
  #now = 1_000_000;
  #queues = this.#open();
  readonly #sent = new Set<string>();
  readonly #receipts: Message[] = [];
  /** Until when nobody else may see a message, and how often it was seen. */
  readonly #hiddenUntil = new Map<string, number>();
  readonly #counts = new Map<string, number>();

  constructor() {
    this.#queues.put('dead', {});
    this.#queues.put('q', { RedrivePolicy });
  }

  #open(): Queues {
    return new Queues(this.dir, { now: () => this.#now, scale: 1 }, identity);
  }

  run(step: Step): void {
    switch (step.do) {
      case 'send': {
        const body = `m${this.#hiddenUntil.size}`;
        this.#queues.send(this.#queues.get('q'), body, {}, step.delay);
        this.#sent.add(body);
        this.#hiddenUntil.set(body, this.#now + step.delay * 1000);
        return;
      }
      case 'receive':
        for (const message of this.#queues.receive(this.#queues.get('q'), step))
          this.#see(message, step.seconds);
        return;
      case 'delete': {
        const message = this.#receipts[step.receipt];
        if (!message) return;
        const isHere = this.#queues.message(message) !== undefined;
        this.#queues.delete(message);
        expect(this.#queues.message(message)).toBeUndefined();
        if (isHere) this.#sent.delete(message.body);
        return;
      }
      case 'hide': {
        const message = this.#receipts[step.receipt];
        const here = message && this.#queues.message(message);
        if (!here) return;
        const until = step.seconds === 0 ? 0 : this.#now + step.seconds * 1000;
        this.#queues.hide(here, until);
        this.#hiddenUntil.set(message.body, until);
        return;
      }
      case 'pass':
        this.#now += step.ms;
        return;
      case 'restart':
        this.#queues.close();
        this.#queues = this.#open();
    }
  }

  #see(message: Message, hiddenSeconds: number): void {
    const { body, receiveCount } = message;
    expect(this.#sent).toContain(body);
    expect(this.#hiddenUntil.get(body)).toBeLessThanOrEqual(this.#now);
    expect(receiveCount).toBe((this.#counts.get(body) ?? 0) + 1);
    expect(receiveCount).toBeLessThanOrEqual(MAX_RECEIVE_COUNT);
    this.#counts.set(body, receiveCount);
    this.#hiddenUntil.set(body, this.#now + hiddenSeconds * 1000);
    this.#receipts.push(message);
  }

  /** All that was sent and not deleted comes once more, from the queue or, after the last receipt, from the other. */
  end(): void {
    this.#now += 3_600_000;
    const left: Message[] = [];
    for (const name of ['q', 'dead']) {
      const queue = this.#queues.get(name);
      while (this.#queues.counts(name).visible > 0)
        left.push(...this.#queues.receive(queue, { max: 10, seconds: 43_200 }));
    }
    expect(left.map(({ body }) => body).sort()).toEqual([...this.#sent].sort());
    for (const { source, receiveCount } of left)
      expect(source === null).toBe(receiveCount <= MAX_RECEIVE_COUNT);
    this.#queues.close();
  }
}

it('loses no message, shows none that is hidden, counts each receipt, and ends poison: whatever is done to it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const observed = new Observed();
      try {
        for (const each of steps) observed.run(each);
        observed.end();
      } finally {
        rmSync(observed.dir, { recursive: true, force: true });
      }
    }),
    { numRuns: 25 },
  );
}, 60_000);
