/** Labels and predictions of the held-out split, as text files with one answer a line. Pure. */

/** The files of an evaluation do not fit each other. */
export class UnusablePredictions extends Error {
  readonly code = 'UnusablePredictions';
}

export type PredictionKind = 'label' | 'probability' | 'value';

function lines(text: string): string[] {
  const all = text.split('\n').map((line) => line.trim());
  while (all.at(-1) === '') all.pop();
  return all;
}

function numberOf(line: string, index: number, what: string): number {
  const value = line === '' ? Number.NaN : Number(line);
  if (!Number.isFinite(value)) throw new UnusablePredictions(`Line ${index + 1} of the ${what} is no number: "${line.slice(0, 40)}"`);
  return value;
}

/** One label a line. Throws UnusablePredictions naming the line. */
export function parseLabels(text: string): number[] {
  return lines(text).map((line, index) => numberOf(line, index, 'labels'));
}

/** One prediction a line, as many as there are rows. Throws UnusablePredictions naming the line. */
export function parsePredictions(text: string, kind: PredictionKind, rows: number): number[] {
  const answers = lines(text);
  if (answers.length !== rows) {
    throw new UnusablePredictions(`The model answered ${answers.length} rows of ${rows}`);
  }
  return answers.map((line, index) => {
    const value = numberOf(line, index, 'predictions');
    if (kind === 'probability' && (value < 0 || value > 1)) {
      throw new UnusablePredictions(`Line ${index + 1} of the predictions is no probability: ${line}`);
    }
    return value;
  });
}
