// Globals are slow to reach inside the test runner's sandbox.
const { cos, imul, log, PI, sqrt } = Math;

/** Random draws that repeat: the same seed, the same sequence (mulberry32). */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  normal(): number;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  function uniform(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return {
    uniform,
    chance: (p) => uniform() < p,
    normal: () => sqrt(-2 * log(1 - uniform())) * cos(2 * PI * uniform()),
  };
}
