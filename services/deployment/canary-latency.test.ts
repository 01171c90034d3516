import { judgeLatency, type LatencyBlock, type LatencyEvidence } from './canary-latency.ts';

const rules = { latencyFloor: 20, latencyRatio: 2 };
const block = (
  requests: number,
  challengerP90Ms?: number,
  championP90Ms?: number,
  start = 0,
): LatencyBlock => ({
  start,
  challenger: { requests, errors: 0 },
  ...(challengerP90Ms === undefined ? {} : { challengerP90Ms }),
  ...(championP90Ms === undefined ? {} : { championP90Ms }),
});
const fresh: LatencyEvidence = { slowLooks: 0 };

const evidenceAfter = (...looks: LatencyBlock[][]): LatencyEvidence =>
  looks.reduce((evidence, blocks) => judgeLatency(evidence, blocks, rules), fresh);

describe('the latency guardrail', () => {
  it('counts slow looks in a row, each with 20 new requests or more', () => {
    expect(evidenceAfter([block(20, 90, 10)])).toEqual({
      slowLooks: 1,
      challengerP90Ms: 90,
      championP90Ms: 10,
      judged: { minute: 0, requests: 20 },
    });
    expect(evidenceAfter([block(20, 90, 10)], [block(40, 90, 10)]).slowLooks).toBe(2);
    expect(evidenceAfter([block(30, 90, 10)], [block(30, 90, 10), block(20, 90, 10, 60_000)]).slowLooks).toBe(
      2,
    );
  });

  it('takes another look at the same requests for none', () => {
    const looks = Array.from({ length: 30 }, (_, i) => [block(20 + Math.min(i, 19), 90, 10)]);
    expect(evidenceAfter(...looks).slowLooks).toBe(1);
    expect(evidenceAfter([block(30, 90, 10)], [block(30, 90, 10), block(19, 90, 10, 60_000)]).slowLooks).toBe(
      1,
    );
  });

  it('forgets a slow look after one that was not', () => {
    expect(evidenceAfter([block(20, 90, 10)], [block(40, 15, 10)], [block(60, 90, 10)]).slowLooks).toBe(1);
  });

  it('judges by ratio and floor alike', () => {
    expect(evidenceAfter([block(50, 19, 1)]).slowLooks).toBe(0);
    expect(evidenceAfter([block(50, 20, 1)]).slowLooks).toBe(0);
    expect(evidenceAfter([block(50, 21, 1)]).slowLooks).toBe(1);
    expect(evidenceAfter([block(50, 60, 30)]).slowLooks).toBe(0);
    expect(evidenceAfter([block(50, 61, 30)]).slowLooks).toBe(1);
  });

  it('says nothing of fewer than 20 requests, or where a latency is missing', () => {
    for (const blocks of [[], [block(19, 900, 1)], [block(50, 900)], [block(50, undefined, 1)]]) {
      expect(evidenceAfter(blocks)).toEqual({ slowLooks: 0 });
    }
    expect(evidenceAfter([block(20, 90, 10)], [block(50, 90)]).slowLooks).toBe(1);
  });
});
