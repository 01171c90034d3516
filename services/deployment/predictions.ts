/** Labels and predictions of the held-out split, as text files with one answer a line. Pure. */

/** The files of an evaluation do not fit each other, or not the metric: measuring again would not help. */
export class UnusablePredictions extends Error {
  readonly code = 'UnusablePredictions';
}

export type PredictionKind = 'label' | 'probability' | 'value';

/** Hexadecimal, blanks and the like are numbers to JavaScript, but no answers of a model. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function lines(text: string): string[] {
  const all = text.split('\n').map((line) => line.trim());
  while (all.at(-1) === '') all.pop();
  return all;
}

function numberOf(line: string, index: number, what: string): number {
  const value = NUMBER.test(line) ? Number(line) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new UnusablePredictions(`Line ${index + 1} of the ${what} is no number: "${line.slice(0, 40)}"`);
}

/** One label a line, as test/labels.csv of a dataset has them. Throws UnusablePredictions naming the line. */
export function parseLabels(text: string): number[] {
  return lines(text).map((line, index) => numberOf(line, index, 'labels'));
}

/** One prediction a line, as a transform job's `.out` has them; as many as there are rows. Throws
 * UnusablePredictions naming the line. */
export function parsePredictions(text: string, kind: PredictionKind, expectedRows: number): number[] {
  const answers = lines(text);
  if (answers.length !== expectedRows) {
    const which = answers.length < expectedRows ? 'is missing' : 'is one too many';
    const line = Math.min(answers.length, expectedRows) + 1;
    throw new UnusablePredictions(
      `The model answered ${answers.length} of ${expectedRows} rows: line ${line} ${which}`,
    );
  }
  return answers.map((line, index) => {
    const value = numberOf(line, index, 'predictions');
    if (kind === 'probability' && (value < 0 || value > 1)) {
      throw new UnusablePredictions(`Line ${index + 1} of the predictions is no probability: ${line}`);
    }
    return value;
  });
}
