/** What an adversary decides: one seeded stream a kind of fault, so that what one part of the cloud is asked for does
 * not shift what another suffers. */
import { createHash } from 'node:crypto';
import { createRandom, type Random } from '../../containers/numeric/random.ts';

/** Each fault: of its occasions, the share that it takes. Rare enough that retries and sweeps always win in the end. */
export const FAULTS = {
  'event delivered twice': 0.1,
  'event late, others overtake it': 0.1,
  'event refused by PutEvents': 0.03,
  'call throttled': 0.03,
  'reply lost after the effect': 0.015,
  'handler killed half-way': 0.03,
  'no capacity for a training job': 0.2,
  'spot interruption of a training job': 0.2,
  'endpoint rolled back in silence': 0.15,
  'state change told twice': 0.2,
} as const;

export type Fault = keyof typeof FAULTS;

export interface Decisions {
  /** Asks whether a fault strikes now; answers its strength in [0, 1), undefined when it does not. No fault strikes two
   * occasions of its kind in a row. */
  strike(fault: Fault): number | undefined;
  /** How often each fault has struck. */
  readonly counts: Readonly<Record<Fault, number>>;
}

/** The `n`th answer about a fault follows from the seed, the fault and `n` alone. */
export function createDecisions(seed: number): Decisions {
  const streams = new Map<Fault, { random: Random; struck: boolean }>();
  const counts = Object.fromEntries(Object.keys(FAULTS).map((fault) => [fault, 0])) as Record<Fault, number>;

  function streamOf(fault: Fault) {
    const known = streams.get(fault);
    if (known) return known;
    const own = createHash('sha256').update(`${seed}\n${fault}`).digest().readInt32LE();
    const stream = { random: createRandom(own), struck: false };
    streams.set(fault, stream);
    return stream;
  }

  return {
    counts,
    strike(fault) {
      const stream = streamOf(fault);
      const [chance, strength] = [stream.random(), stream.random()];
      stream.struck = !stream.struck && chance < FAULTS[fault];
      if (!stream.struck) return undefined;
      counts[fault] += 1;
      return strength;
    },
  };
}
