import fc from 'fast-check';
import type { Slot, SlotRun } from './pipeline.ts';
import { releaseSlot, takeSlot } from './slots.ts';

const run = (number: number): SlotRun => ({ runId: `run-${number}`, number });
const numbers = fc.integer({ min: 1, max: 6 });

type Step = { readonly kind: 'take' | 'release' | 'take over'; readonly number: number };
const steps = fc.array(
  fc.record<Step>({ kind: fc.constantFrom('take', 'release', 'take over'), number: numbers }),
  { maxLength: 60 },
);

interface World {
  readonly slot: Slot;
  /** Runs that asked, and have neither left nor been told to give up. */
  readonly open: ReadonlySet<number>;
}

const without = (open: ReadonlySet<number>, ...gone: (number | undefined)[]) =>
  new Set([...open].filter((number) => !gone.includes(number)));

function take({ slot, open }: World, number: number, holderIsGone: boolean): World {
  const answer = takeSlot(slot, run(number), holderIsGone);
  const asked = new Set([...open, number]);
  switch (answer.kind) {
    case 'held':
      return {
        slot: answer.slot,
        open: without(asked, answer.displaced?.number, holderIsGone ? slot.holder?.number : undefined),
      };
    case 'waits':
      return { slot: answer.slot, open: without(asked, answer.displaced?.number) };
    case 'superseded':
      return { slot, open: without(asked, number) };
    default:
      return answer satisfies never;
  }
}

function apply(world: World, { kind, number }: Step): World {
  switch (kind) {
    case 'take':
      return take(world, number, false);
    case 'take over':
      // Nobody takes over from itself: it holds the slot already.
      return take(world, number, world.slot.holder?.number !== number);
    case 'release':
      return { slot: releaseSlot(world.slot, run(number).runId), open: without(world.open, number) };
    default:
      return kind satisfies never;
  }
}

const walk = (all: readonly Step[]): World => all.reduce(apply, { slot: {}, open: new Set<number>() });

describe('a slot', () => {
  it('has at most one holder and one waiting run, which is another and newer', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { holder, waiting } = walk(all).slot;
        if (waiting) expect(holder).toBeDefined();
        if (holder && waiting) expect(waiting.number).toBeGreaterThan(holder.number);
      }),
    );
  });

  it('is never taken from its holder, however new the run that asks', () => {
    fc.assert(
      fc.property(steps, numbers, (all, number) => {
        const { slot } = walk(all);
        const answer = takeSlot(slot, run(number));
        if (slot.holder && answer.kind !== 'superseded') expect(answer.slot.holder).toEqual(slot.holder);
      }),
    );
  });

  it('never loses the newest of the runs that still want it', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { slot, open } = walk(all);
        if (open.size === 0) return;
        expect([slot.holder?.number, slot.waiting?.number]).toContain(Math.max(...open));
      }),
    );
  });

  it('tells every run but holder and waiting that it is superseded, at the latest when it asks again', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { slot, open } = walk(all);
        for (const number of without(open, slot.holder?.number, slot.waiting?.number)) {
          expect(takeSlot(slot, run(number)).kind).toBe('superseded');
        }
      }),
    );
  });

  it('goes to the waiting run when the holder gives it back', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { slot } = walk(all);
        if (!slot.holder) return;
        expect(releaseSlot(slot, slot.holder.runId)).toEqual(slot.waiting ? { holder: slot.waiting } : {});
      }),
    );
  });

  it('is the same when the same run asks twice, or one gives back what it never had', () => {
    fc.assert(
      fc.property(steps, numbers, (all, number) => {
        const { slot } = walk(all);
        const once = takeSlot(slot, run(number));
        if (once.kind !== 'superseded') {
          const twice = takeSlot(once.slot, run(number));
          expect([twice.kind, twice.kind === 'superseded' || twice.slot]).toEqual([once.kind, once.slot]);
        }
        expect(releaseSlot(slot, 'run-99')).toBe(slot);
      }),
    );
  });

  it('sends away a run that is older than the holder, or than the one that waits', () => {
    const slot: Slot = { holder: run(2), waiting: run(5) };
    expect(takeSlot(slot, run(1))).toEqual({ kind: 'superseded', by: run(2) });
    expect(takeSlot(slot, run(4))).toEqual({ kind: 'superseded', by: run(5) });
    expect(takeSlot(slot, run(6))).toEqual({
      kind: 'waits',
      slot: { holder: run(2), waiting: run(6) },
      displaced: run(5),
    });
  });

  it('passes to the waiting run when the holder is gone without a word', () => {
    const slot: Slot = { holder: run(2), waiting: run(5) };
    expect(takeSlot(slot, run(5), true)).toEqual({ kind: 'held', slot: { holder: run(5) } });
    expect(takeSlot(slot, run(3), true)).toEqual({ kind: 'superseded', by: run(5) });
    expect(takeSlot(slot, run(6), true)).toEqual({
      kind: 'held',
      slot: { holder: run(6) },
      displaced: run(5),
    });
  });
});
