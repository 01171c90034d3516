/** Files with many rows, clean and dirty, whose distributions no sample holds whole; with what each record is. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createRandom, normal, type Random } from '../../../containers/numeric/random.ts';
import { dataOf } from '../../../shared/preparation/testing/data-of.ts';
import type { ReadPart } from '../../engines/reference.ts';
import type { SparkPart } from './spark.ts';

export const SAMPLE_DATA = dataOf({
  columns: [
    { name: 'id', type: 'integer' },
    { name: 'when', type: 'date', parts: ['month', 'weekday'] },
    {
      name: 'x',
      type: 'number',
      missing: 'median',
      outliers: { method: 'iqr', then: 'clip' },
      indicator: true,
      scale: 'standard',
    },
    { name: 'z', type: 'number', missing: 'mean', outliers: { method: 'z-score', then: 'null' } },
    {
      name: 'group',
      type: 'text',
      missing: 'mode',
      canonical: { north: ['N', 'n.'], south: ['S'] },
      unknown: 'keep',
      encode: { hash: 4 },
    },
    { name: 'y', type: 'number' },
  ],
  derive: [{ name: 'sum', formula: 'x + z / 2', scale: 'min-max' }],
  target: 'y',
  duplicates: { key: ['id'], newest: 'when' },
  split: { by: 'time', column: 'when', test: 0.2, validation: 0.1 },
  quality: { minimumRows: 1 },
});

const HEADER = ['id', 'when', 'x', 'z', 'group', 'y'];
const DAY = 86_400_000;
const GROUPS = ['N', 'n.', 'S', 'north', 'east', 'West', '', ' '];

export interface SampleParts {
  readonly files: readonly SparkPart[];
  readonly known: readonly ReadPart[];
}

/** `count` files of `rows` rows; ids come twice, in one file or in two. */
export function sampleParts(directory: string, count: number, rows: number, seed: number): SampleParts {
  mkdirSync(directory, { recursive: true });
  const random = createRandom(seed);
  const parts = Array.from({ length: count }, (_, at) => {
    const records = Array.from({ length: rows }, () => cellsOf(random, (count * rows) / 2));
    const text = [HEADER, ...records].map((cells) => cells.join(',')).join('\n');
    const bytes = at % 2 === 0 ? Buffer.from(text) : gzipSync(text);
    const file = join(directory, `part-${at}`);
    writeFileSync(file, bytes);
    const key = `incoming/sample/part-${at}`;
    return {
      file: { bucket: 'drop', key, versionId: 'v1', size: bytes.length, fresh: at > 0, file },
      known: {
        key,
        fresh: at > 0,
        records: records.map((cells, index) => ({ line: index + 2, cells })),
      },
    };
  });
  return { files: parts.map(({ file }) => file), known: parts.map(({ known }) => known) };
}

function cellsOf(random: Random, ids: number): string[] {
  const sometimes = (text: string, share: number) => (random() < share ? '' : text);
  const x = random() < 0.01 ? 1000 * normal(random) : normal(random);
  return [
    random() < 0.001 ? 'none' : String(Math.floor(random() * ids)),
    new Date(DAY * Math.floor(19_000 + 1000 * random())).toISOString().slice(0, 10),
    sometimes(String(x), 0.05),
    sometimes(String(Math.round(1000 * normal(random)) / 100), 0.05),
    GROUPS[Math.floor(random() * GROUPS.length)]!,
    sometimes(String(random()), 0.01),
  ];
}
