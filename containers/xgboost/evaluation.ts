import { isHigherBetter, type MetricName, measure } from './metric.ts';
import type { ObjectiveName } from './objective.ts';

/** A data set that is watched while boosting. */
export interface Watched {
  /** `train` or `validation`. */
  readonly name: string;
  readonly margins: Float32Array;
  readonly labels: Float32Array;
}

/** The log line of a round, as XGBoost prints it and CloudWatch shows it: SageMaker writes a tab as `#011`, and the
 * metric definitions of the built-in algorithm look for just that (`.*\[[0-9]+\].*#011validation-rmse:(\S+)`). */
export function roundLine(round: number, scores: readonly Score[]): string {
  return `[${round}]${scores.map(({ name, metric, value }) => `#011${name}-${metric}:${value.toFixed(5)}`).join('')}`;
}

export interface Score {
  readonly name: string;
  readonly metric: MetricName;
  readonly value: number;
}

export function scoreAll(
  watched: readonly Watched[],
  metrics: readonly MetricName[],
  objective: ObjectiveName,
): Score[] {
  return watched.flatMap(({ name, margins, labels }) =>
    metrics.map((metric) => ({ name, metric, value: measure(metric, objective, margins, labels) })),
  );
}

export interface EarlyStopping {
  /** Takes a round's scores; true when the last one has not improved for `patience` rounds. */
  shouldStop(round: number, scores: readonly Score[]): boolean;
  /** The best round so far, from 0. */
  readonly best: () => number;
}

/** Watches the last metric of the last data set, as XGBoost does. */
export function createEarlyStopping(patience: number): EarlyStopping {
  let bestRound = 0;
  let bestValue: number | undefined;
  return {
    shouldStop(round, scores) {
      const { metric, value } = scores.at(-1)!;
      const improved =
        bestValue === undefined || (isHigherBetter(metric) ? value > bestValue : value < bestValue);
      if (improved) [bestRound, bestValue] = [round, value];
      return round - bestRound >= patience;
    },
    best: () => bestRound,
  };
}
