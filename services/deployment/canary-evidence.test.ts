import fc from 'fast-check';
import type { CanaryEvidence } from '../../shared/lifecycle/run.ts';
import { type MinuteBlock, observe, startEvidence } from './canary-evidence.ts';
import { lowerRate, upperRate } from './confidence.ts';
import {
  growingMinutes,
  LATENESS,
  type LiveRequest,
  MINUTE,
  minuteBlocks,
  noon,
  rules,
  type Variants,
} from './testing/canary-traffic.ts';
import { type SeededRandom, seededRandom } from './testing/seeded-random.ts';

const block = (minute: number, counts: Partial<MinuteBlock>): MinuteBlock => ({
  start: noon + minute * MINUTE,
  end: noon + (minute + 1) * MINUTE,
  complete: false,
  challenger: { requests: 0, errors: 0 },
  champion: { requests: 0, errors: 0 },
  ...counts,
});

describe('the evidence of a canary', () => {
  it('counts the open minute at once, and not what came before the start', () => {
    const before = block(0, { champion: { requests: 900, errors: 9 } });
    const start = startEvidence([before], noon + 30_000);
    const open = block(0, {
      challenger: { requests: 12, errors: 1 },
      champion: { requests: 1_000, errors: 10 },
    });
    expect(observe(start, [open], rules)).toMatchObject({
      challenger: { requests: 12, errors: 1 },
      champion: { requests: 100, errors: 1 },
      until: noon,
    });
  });

  it('starts with nothing where nobody asked before', () => {
    expect(startEvidence([], noon + 1)).toMatchObject({
      challenger: { requests: 0, errors: 0 },
      logE: 0,
      errorBound: 1,
      until: noon,
      baseline: { minute: noon, champion: { requests: 0, errors: 0 } },
    });
  });

  it('closes complete minutes up to the first open one, and reads none of them again', () => {
    const counts = { challenger: { requests: 10, errors: 1 }, champion: { requests: 90, errors: 1 } };
    const first = observe(
      startEvidence([], noon),
      [block(0, { ...counts, complete: true }), block(1, counts), block(2, { ...counts, complete: true })],
      rules,
    );
    expect(first).toMatchObject({
      until: noon + MINUTE,
      challenger: { requests: 30, errors: 3 },
      closed: { challenger: { requests: 10, errors: 1 } },
    });
    const again = observe(
      first,
      [block(0, { ...counts, complete: true }), block(1, counts), block(2, counts)],
      rules,
    );
    expect(again).toEqual(first);
  });

  it('takes a failure that is counted before its request for a request', () => {
    const odd = block(0, { challenger: { requests: 2, errors: 3 }, champion: { requests: 50, errors: 0 } });
    const seen = observe(startEvidence([], noon), [odd], rules);
    expect(seen.challenger).toEqual({ requests: 3, errors: 3 });
    expect(seen.errorBound).toBeLessThanOrEqual(1);
    expect(Number.isFinite(seen.logE)).toBe(true);
  });

  it('says nothing against a challenger in minutes without the champion, or without traffic', () => {
    const blocks = [block(0, { challenger: { requests: 50, errors: 50 } }), block(1, {})];
    expect(observe(startEvidence([], noon), blocks, rules).logE).toBeCloseTo(0, 12);
  });

  it('bounds the added failures by both variants, 2.5 % of doubt for each', () => {
    const counts = {
      challenger: { requests: 1_000, errors: 300 },
      champion: { requests: 9_000, errors: 2_700 },
    };
    const { errorBound } = observe(startEvidence([], noon), [block(0, counts)], rules);
    expect(errorBound).toBe(upperRate(300, 1_000, 0.025) - lowerRate(2_700, 9_000, 0.025));
    expect(errorBound).toBeGreaterThan(0);
    expect(errorBound).toBeLessThan(0.1);
  });

  it('survives the way to the table and back', () => {
    const counts = { challenger: { requests: 40, errors: 1 }, champion: { requests: 90, errors: 1 } };
    const latency = { challengerP90Ms: 90, championP90Ms: 10 };
    const seen = observe(startEvidence([], noon), [block(0, { ...counts, ...latency })], rules);
    expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
  });
});

const requests: fc.Arbitrary<LiveRequest[]> = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 8 * MINUTE }).map((offset) => noon + offset),
    role: fc.constantFrom('challenger' as const, 'champion' as const),
    isError: fc.boolean(),
    delay: fc.integer({ min: 0, max: LATENESS }),
  }),
  { maxLength: 80 },
);
const startedAt = fc.integer({ min: 0, max: 3 * MINUTE }).map((offset) => noon + offset);
const looks = fc.array(fc.integer({ min: 0, max: 12 * MINUTE }), { maxLength: 20 });
const END = noon + 14 * MINUTE;

function lookedAt(live: readonly LiveRequest[], start: number, times: readonly number[]): CanaryEvidence {
  const first = startEvidence(minuteBlocks(live, start, start), start);
  return times.reduce<CanaryEvidence>(
    (evidence, now) => observe(evidence, minuteBlocks(live, evidence.until, now), rules),
    first,
  );
}

describe('looks at any cadence', () => {
  it('come to the same evidence, late metrics and all', () => {
    fc.assert(
      fc.property(requests, startedAt, looks, (live, start, offsets) => {
        const times = [...offsets].sort((a, b) => a - b).map((offset) => start + offset);
        const often = lookedAt(
          live,
          start,
          [...times, ...times, END].sort((a, b) => a - b),
        );
        const once = lookedAt(live, start, [END]);
        expect({ ...often, logE: 0, closed: 0 }).toEqual({ ...once, logE: 0, closed: 0 });
        expect(often.logE).toBeCloseTo(once.logE, 9);
      }),
    );
  });

  it('count every request since the start exactly once', () => {
    fc.assert(
      fc.property(requests, startedAt, looks, (delayed, start, offsets) => {
        // What a late metric tells of the time before the start cannot be told apart.
        const live = delayed.map((request) => (request.at <= start ? { ...request, delay: 0 } : request));
        const times = [...offsets].sort((a, b) => a - b).map((offset) => start + offset);
        const evidence = lookedAt(live, start, [...times, END]);
        for (const role of ['challenger', 'champion'] as const) {
          const expected = live.filter((request) => request.role === role && request.at > start);
          expect(evidence[role]).toEqual({
            requests: expected.length,
            errors: expected.filter(({ isError }) => isError).length,
          });
        }
      }),
    );
  });
});

interface Course {
  readonly seconds: number;
  readonly requestsASecond: number;
}

/** The second in which the evidence reaches 20 to 1, looking every second; undefined when it never does. */
function refutedIn(
  random: SeededRandom,
  variants: Variants,
  { seconds, requestsASecond }: Course,
): number | undefined {
  const start = noon + 20_000;
  const minutes = growingMinutes(random, variants, requestsASecond, start);
  let evidence: CanaryEvidence = startEvidence([], start);
  for (let second = 1; second <= seconds; second += 1) {
    const now = minutes.tick();
    evidence = observe(evidence, minutes.blocks(now), rules);
    if (evidence.logE >= Math.log(20)) return second;
  }
  return undefined;
}

function refutals(runs: number, seed: number, variants: Variants, course: Course): (number | undefined)[] {
  const random = seededRandom(seed);
  return Array.from({ length: runs }, () => refutedIn(random, variants, course));
}

const shareOf = (found: readonly (number | undefined)[]): number =>
  found.filter((second) => second !== undefined).length / found.length;
const always = (rate: number) => (): number => rate;

describe('the e-process, looked at every second', () => {
  it.each([
    ['2 % failures', 0.1, always(0.02)],
    ['30 % failures', 0.1, always(0.3)],
    ['half of the traffic', 0.5, always(0.05)],
    [
      'failures that come and go with the minutes',
      0.1,
      (second: number) => (Math.floor(second / 60) % 2 ? 0.3 : 0.01),
    ],
  ])('refutes an equal challenger in 5 of 100 runs at most: %s', (_, weight, rate) => {
    const found = refutals(
      150,
      3,
      { weight, challenger: rate, champion: rate },
      { seconds: 200, requestsASecond: 20 },
    );
    expect(shareOf(found)).toBeLessThanOrEqual(0.05);
  });

  it('finds 20 % failures against 2 % within a minute of 20 requests a second', () => {
    const variants = { weight: 0.1, challenger: always(0.2), champion: always(0.02) };
    const found = refutals(60, 5, variants, { seconds: 90, requestsASecond: 20 });
    expect(shareOf(found)).toBeGreaterThanOrEqual(0.95);
    const seconds = found.map((second) => second ?? 90).sort((a, b) => a - b);
    expect(seconds[30]).toBeLessThanOrEqual(60);
  });

  it('finds a challenger that fails always within a few of its requests', () => {
    const variants = { weight: 0.1, challenger: always(1), champion: always(0.01) };
    const found = refutals(60, 7, variants, { seconds: 60, requestsASecond: 1 });
    expect(shareOf(found)).toBeGreaterThanOrEqual(0.95);
    const seconds = found.map((second) => second ?? 60).sort((a, b) => a - b);
    // 40 requests are 4 of the challenger.
    expect(seconds[30]).toBeLessThanOrEqual(40);
  });

  it('does not blame the challenger for an outage of both', () => {
    const outage = (second: number): number => (second > 30 && second < 60 ? 1 : 0.01);
    const found = refutals(
      60,
      9,
      { weight: 0.1, challenger: outage, champion: outage },
      { seconds: 120, requestsASecond: 10 },
    );
    expect(shareOf(found)).toBeLessThanOrEqual(0.05);
  });
});
