/** The row engine: how many raw records of twelve columns it turns into features a second, beside a loop that only
 * splits the line and reads its numbers. */

import { createRandom } from '../containers/numeric/random.ts';
import { parseSpecification } from '../shared/contracts/parse-specification.ts';
import type { DataSpecification } from '../shared/contracts/pipeline-specification.ts';
import type { Fitted } from '../shared/preparation/fitted.ts';
import { compileRecord } from '../shared/preparation/row-program.ts';
import { type Figure, type Measurement, median } from './support/figures.ts';

const RECORDS = 20_000;
const ROUNDS = 15;

const SPECIFICATION = {
  name: 'rows',
  data: {
    columns: [
      { name: 'id', type: 'text' },
      {
        name: 'country',
        type: 'text',
        canonical: { 'United States': ['US', 'USA'], Canada: ['CA'], Norway: ['NOR'] },
        unknown: 'quarantine',
        encode: 'one-hot',
      },
      { name: 'kind', type: 'text', encode: { hash: 4 }, missing: 'mode' },
      { name: 'when', type: 'date', parts: ['month', 'hour'] },
      { name: 'temperature', type: 'number', minimum: -60, maximum: 60, missing: 'median' },
      {
        name: 'humidity',
        type: 'number',
        minimum: 1,
        maximum: 100,
        outliers: { method: 'iqr', then: 'clip' },
      },
      { name: 'wind', type: 'number', scale: 'standard' },
      { name: 'rain', type: 'number', scale: 'log', missing: { constant: 0 }, indicator: true },
      { name: 'pressure', type: 'number', bucket: [980, 1000, 1020] },
      { name: 'height', type: 'integer' },
      { name: 'speed', type: 'integer', scale: 'min-max' },
      { name: 'y', type: 'integer' },
    ],
    derive: [
      { name: 'vapour', formula: 'log(humidity / 100) + 17.62 * temperature / (243.12 + temperature)' },
      { name: 'frost_point', formula: '272.62 * vapour / (22.46 - vapour)' },
    ],
    target: 'y',
  },
  train: { image: 'xgboost' },
  evaluate: { metric: 'accuracy', prediction: 'label', required: 0.5 },
};

const FITTED: Fitted = {
  formatVersion: 1,
  columns: { kind: { fill: 'b' }, temperature: { fill: 3 }, humidity: { low: 5, high: 95 } },
  features: { wind: { mean: 10, deviation: 4 }, speed: { minimum: 0, maximum: 900 } },
};

export const measureRows: Measurement = async (tell) => {
  tell(`Turning ${RECORDS} records into features ${ROUNDS} times …`);
  const lines = records();
  const engine = compileRecord(dataOf(), FITTED);
  const rates: Record<'engine' | 'bare', number[]> = { engine: [], bare: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rates.engine.push(
      rate(lines, (line) => {
        const answer = engine.transform(line.split(','));
        if (answer.kind === 'problem') throw new Error(answer.reason);
        return answer.features[engine.features.length - 1]!;
      }),
    );
    rates.bare.push(rate(lines, bare));
  }
  const figure: Figure = {
    name: 'raw records to features',
    value: median(rates.engine),
    unit: 'rows/s',
    baseline: { name: 'split and Number', value: median(rates.bare) },
    goal: { bound: 'at least', value: 200_000 },
  };
  return [figure];
};

/** What the least program for the same cells does. */
function bare(line: string): number {
  const cells = line.split(',');
  let sum = 0;
  for (let at = 4; at < cells.length; at++) sum += Number(cells[at]);
  return sum;
}

function rate(lines: readonly string[], each: (line: string) => number): number {
  const begin = performance.now();
  let sum = 0;
  for (const line of lines) sum += each(line);
  const seconds = (performance.now() - begin) / 1000;
  if (Number.isNaN(sum)) throw new Error('a record without a number');
  return lines.length / seconds;
}

function dataOf(): DataSpecification {
  const parsed = parseSpecification(JSON.stringify(SPECIFICATION));
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems));
  return parsed.specification.data;
}

function records(): readonly string[] {
  const random = createRandom(4);
  const one = <T>(options: readonly T[]): T => options[Math.floor(random() * options.length)]!;
  return Array.from({ length: RECORDS }, (_, index) =>
    [
      `r${index}`,
      one(['US', 'usa', 'Canada', ' norway', 'United  States']),
      one(['a', 'b', 'c', '']),
      `2024-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 10)}T0${Math.floor(random() * 10)}:30:00Z`,
      one(['', (random() * 60 - 30).toFixed(2)]),
      (2 + random() * 97).toFixed(1),
      (random() * 30).toFixed(3),
      one(['', (random() * 9).toFixed(2)]),
      (960 + random() * 80).toFixed(1),
      String(Math.floor(random() * 4000)),
      String(Math.floor(random() * 900)),
    ].join(','),
  );
}
