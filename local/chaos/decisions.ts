/** What an adversary decides: one seeded stream a kind of fault, so that what one part of the cloud is asked for does
 * not shift what another suffers. */
import { createHash } from 'node:crypto';
import { createRandom, type Random } from '../../containers/numeric/random.ts';

/** Each fault: the chance that it takes one of its occasions, and how many it then lets pass. Rare enough that retries
 * and sweeps win in the end: no attempt of three is hit each time. */
export const FAULTS = {
  'event delivered twice': { chance: 0.1, rest: 1 },
  'event late, others overtake it': { chance: 0.1, rest: 1 },
  'event refused by PutEvents': { chance: 0.05, rest: 1 },
  'call throttled': { chance: 0.03, rest: 1 },
  'reply lost after the effect': { chance: 0.015, rest: 1 },
  'handler killed half-way': { chance: 0.03, rest: 2 },
  // An evaluation asks for two jobs a round.
  'no capacity for a job': { chance: 0.2, rest: 4 },
  'spot interruption of a job': { chance: 0.4, rest: 1 },
  'endpoint rolled back in silence': { chance: 0.4, rest: 1 },
  'state change told twice': { chance: 0.2, rest: 0 },
} as const satisfies Record<string, { readonly chance: number; readonly rest: number }>;

export type Fault = keyof typeof FAULTS;

export interface Decisions {
  /** Asks whether a fault strikes now; answers its strength in [0, 1), undefined when it does not. */
  strike(fault: Fault): number | undefined;
  /** How often each fault has struck. */
  readonly counts: Readonly<Record<Fault, number>>;
}

/** The `n`th answer about a fault follows from the seed, the fault and `n` alone. */
export function createDecisions(seed: number): Decisions {
  const streams = new Map<Fault, { random: Random; resting: number }>();
  const counts = Object.fromEntries(Object.keys(FAULTS).map((fault) => [fault, 0])) as Record<Fault, number>;

  function streamOf(fault: Fault) {
    const known = streams.get(fault);
    if (known) return known;
    const own = createHash('sha256').update(`${seed}\n${fault}`).digest().readInt32LE();
    const stream = { random: createRandom(own), resting: 0 };
    streams.set(fault, stream);
    return stream;
  }

  return {
    counts,
    strike(fault) {
      const stream = streamOf(fault);
      const [chance, strength] = [stream.random(), stream.random()];
      const isStruck = stream.resting === 0 && chance < FAULTS[fault].chance;
      stream.resting = isStruck ? FAULTS[fault].rest : Math.max(0, stream.resting - 1);
      if (!isStruck) return undefined;
      counts[fault] += 1;
      return strength;
    },
  };
}
