import { type GateAnswer, judge } from './gate.ts';
import type { EvaluateRules } from './metrics.ts';
import { UnusablePredictions } from './predictions.ts';
import { type SeededRandom, seededRandom } from './testing/seeded-random.ts';

const accuracy: EvaluateRules = {
  metric: 'accuracy',
  prediction: 'label',
  threshold: 0.5,
  required: 0.8,
  margin: 0.02,
  instance: 'ml.m5.large',
};

/** Predictions of `rows` rows labelled 1, of which the first `wrong` are missed. */
const missing = (wrong: number, rows: number): number[] =>
  Array.from({ length: rows }, (_, row) => Number(row >= wrong));
const ones = (rows: number): number[] => Array.from({ length: rows }, () => 1);

const { exp } = Math;

describe('the offline gate', () => {
  it('approves a first model that reaches what is required', () => {
    const answer = judge({ evaluate: accuracy, labels: ones(100), candidate: missing(5, 100) });
    expect(answer).toEqual({
      verdict: 'approved',
      metric: 'accuracy',
      rows: 100,
      candidate: 0.95,
      reason: 'accuracy is 0.95; there is no champion yet',
    });
  });

  it('rejects a model below what is required, even one that is better than the champion', () => {
    const question = { evaluate: accuracy, labels: ones(1_000), candidate: missing(250, 1_000) };
    expect(judge(question)).toMatchObject({
      verdict: 'rejected',
      reason: 'accuracy is 0.75; the gate wants at least 0.8',
    });
    expect(judge({ ...question, champion: missing(600, 1_000) })).toMatchObject({
      verdict: 'rejected',
      champion: 0.4,
      bound: expect.any(Number),
    });
  });

  it('takes a lower loss for better', () => {
    const evaluate = { ...accuracy, metric: 'mae', prediction: 'value', required: 0.5 } as const;
    expect(judge({ evaluate, labels: [1, 2], candidate: [1.5, 2.5] }).verdict).toBe('approved');
    expect(judge({ evaluate, labels: [1, 2], candidate: [1.6, 2.5] })).toMatchObject({
      verdict: 'rejected',
      reason: 'mae is 0.55; the gate wants at most 0.5',
    });
  });

  it('approves a candidate that is clearly better and says by how much', () => {
    const question = {
      evaluate: accuracy,
      labels: ones(2_000),
      candidate: missing(60, 2_000),
      champion: missing(200, 2_000),
    };
    const answer = judge(question);
    expect(answer).toMatchObject({ verdict: 'approved', candidate: 0.97, champion: 0.9 });
    expect(answer.bound).toBeLessThan(-0.05);
    expect(answer.reason).toMatch(
      /^accuracy 0.97 against the champion's 0.9 on 2000 rows: better by at least 0.06\d+ \(95 %\)/,
    );
  });

  it('rejects a candidate that is worse by more than the margin and says so', () => {
    const question = {
      evaluate: accuracy,
      labels: ones(1_000),
      candidate: missing(100, 1_000),
      champion: missing(50, 1_000),
    };
    expect(judge(question)).toMatchObject({
      verdict: 'rejected',
      reason: "accuracy 0.9 against the champion's 0.95 on 1000 rows: worse by 0.05, margin 0.02",
    });
  });

  it('rejects for too few rows, says how many would do, and those do', () => {
    const rows = 60;
    const few = judge({
      evaluate: accuracy,
      labels: ones(rows),
      candidate: missing(3, rows),
      champion: missing(3, rows),
    });
    expect(few.verdict).toBe('rejected');
    const advice = /about ([\d,]+) held-out rows would show more$/.exec(few.reason)?.[1];
    const enough = Math.ceil(Number(advice?.replace(',', '')) * 1.1);
    const wrong = Math.round(enough / 20);
    const more = judge({
      evaluate: accuracy,
      labels: ones(enough),
      candidate: missing(wrong, enough),
      champion: missing(wrong, enough),
    });
    expect(more.verdict).toBe('approved');
  });

  it('rejects where there is nothing to measure on', () => {
    expect(judge({ evaluate: accuracy, labels: [], candidate: [], champion: [] })).toMatchObject({
      verdict: 'rejected',
      rows: 0,
      reason: 'There are no held-out rows to measure on',
    });
  });

  it('refuses predictions that do not pair with the labels', () => {
    expect(() => judge({ evaluate: accuracy, labels: [1, 1], candidate: [1] })).toThrow(UnusablePredictions);
    expect(() => judge({ evaluate: accuracy, labels: [1], candidate: [1], champion: [] })).toThrow(
      UnusablePredictions,
    );
  });

  it.each(['rmse', 'mae'] as const)(
    'does not charge the candidate with what is hard for both: %s',
    (metric) => {
      const random = seededRandom(17);
      const evaluate = { ...accuracy, metric, prediction: 'value', required: 20, margin: 0.05 } as const;
      const labels = Array.from({ length: 500 }, () => 10 * random.normal());
      const shared = labels.map((label) => label + 5 * random.normal());
      const [candidate, champion] = [1, 2].map(() => shared.map((value) => value + 0.1 * random.normal()));
      const answer = judge({
        evaluate,
        labels,
        candidate: candidate as number[],
        champion: champion as number[],
      });
      expect(answer.verdict).toBe('approved');
    },
  );

  it('judges more rows than a call has room for arguments', () => {
    const rows = 200_000;
    const evaluate = { ...accuracy, metric: 'rmse', prediction: 'value', required: 1 } as const;
    const labels = Array.from({ length: rows }, (_, row) => row % 10);
    const answer = judge({
      evaluate,
      labels,
      candidate: labels.map((x) => x + 0.1),
      champion: labels.map((x) => x - 0.1),
    });
    expect(answer).toMatchObject({ verdict: 'approved', rows, candidate: expect.closeTo(0.1, 9) });
  });
});

/** How often the gate approves, over seeded repetitions. */
function approvals(runs: number, seed: number, round: (random: SeededRandom) => GateAnswer): number {
  const random = seededRandom(seed);
  let approved = 0;
  for (let run = 0; run < runs; run += 1) if (round(random).verdict === 'approved') approved += 1;
  return approved / runs;
}

/** Two models that miss `both` of the rows together and `own` shares each alone. */
function twoClassifiers(
  random: SeededRandom,
  rows: number,
  own: { candidate: number; champion: number },
  both: number,
) {
  const [candidate, champion]: [number[], number[]] = [[], []];
  for (let row = 0; row < rows; row += 1) {
    const draw = random.uniform();
    const isShared = draw < both;
    candidate.push(isShared || (draw >= both && draw < both + own.candidate) ? 0 : 1);
    champion.push(
      isShared || (draw >= both + own.candidate && draw < both + own.candidate + own.champion) ? 0 : 1,
    );
  }
  return judge({ evaluate: accuracy, labels: ones(rows), candidate, champion });
}

describe("the gate's operating characteristics (accuracy 0.95, margin 0.02)", () => {
  const runs = 300;

  it('an equal model that shares 70 % of its errors passes 9 times of 10 with 1,000 rows', () => {
    const rate = approvals(runs, 1, (random) =>
      twoClassifiers(random, 1_000, { candidate: 0.015, champion: 0.015 }, 0.035),
    );
    expect(rate).toBeGreaterThanOrEqual(0.9);
  });

  it('an equal model whose errors are its own needs 2,500 rows for that, and passes 3 times of 5 with 1,000', () => {
    const own = { candidate: 0.0475, champion: 0.0475 };
    expect(approvals(runs, 2, (random) => twoClassifiers(random, 2_500, own, 0.0025))).toBeGreaterThanOrEqual(
      0.9,
    );
    const rate = approvals(runs, 3, (random) => twoClassifiers(random, 1_000, own, 0.0025));
    expect(rate).toBeGreaterThan(0.5);
    expect(rate).toBeLessThan(0.7);
  });

  it('a model worse by twice the margin is rejected, with shared errors and without', () => {
    expect(
      approvals(runs, 4, (random) =>
        twoClassifiers(random, 1_000, { candidate: 0.055, champion: 0.015 }, 0.035),
      ),
    ).toBeLessThanOrEqual(0.01);
    expect(
      approvals(runs, 5, (random) =>
        twoClassifiers(random, 1_000, { candidate: 0.0855, champion: 0.0455 }, 0.0045),
      ),
    ).toBeLessThanOrEqual(0.05);
    expect(
      approvals(runs, 6, (random) =>
        twoClassifiers(random, 200, { candidate: 0.055, champion: 0.015 }, 0.035),
      ),
    ).toBeLessThanOrEqual(0.05);
  });

  it.each([200, 1_000])('a model worse by just the margin passes 5 times in 100, with %i rows', (rows) => {
    const own = { candidate: 0.035, champion: 0.015 };
    const rate = approvals(1_000, rows, (random) => twoClassifiers(random, rows, own, 0.035));
    expect(rate).toBeLessThanOrEqual(0.07);
    expect(rate).toBeGreaterThan(0.02);
  });

  it('log-loss and rmse keep the same promise', () => {
    const classify = (random: SeededRandom, blunting: number): GateAnswer => {
      const evaluate = { ...accuracy, metric: 'log-loss', prediction: 'probability', required: 1 } as const;
      const [labels, candidate, champion]: [number[], number[], number[]] = [[], [], []];
      for (let row = 0; row < 1_000; row += 1) {
        const logit = 2.5 * random.normal();
        labels.push(Number(random.chance(1 / (1 + exp(-logit)))));
        candidate.push(1 / (1 + exp(-logit * blunting + 0.2 * random.normal())));
        champion.push(1 / (1 + exp(-logit + 0.2 * random.normal())));
      }
      return judge({ evaluate, labels, candidate, champion });
    };
    expect(approvals(60, 7, (random) => classify(random, 1))).toBeGreaterThanOrEqual(0.9);
    expect(approvals(60, 8, (random) => classify(random, 0.4))).toBeLessThanOrEqual(0.05);

    const predict = (random: SeededRandom, noise: number): GateAnswer => {
      const evaluate = {
        ...accuracy,
        metric: 'rmse',
        prediction: 'value',
        required: 5,
        margin: 0.1,
      } as const;
      const labels = Array.from({ length: 1_000 }, () => 10 * random.normal());
      const shared = labels.map((label) => label + random.normal());
      const candidate = shared.map((value) => value + noise * random.normal());
      return judge({
        evaluate,
        labels,
        candidate,
        champion: shared.map((value) => value + 0.3 * random.normal()),
      });
    };
    expect(approvals(60, 9, (random) => predict(random, 0.3))).toBeGreaterThanOrEqual(0.9);
    // √(1 + 0.72²) is 0.188 more than √(1 + 0.3²): about twice the margin.
    expect(approvals(60, 10, (random) => predict(random, 0.72))).toBeLessThanOrEqual(0.05);
  });
});
