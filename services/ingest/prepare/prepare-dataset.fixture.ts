import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import { type Prepared, type PrepareOptions, prepareDataset } from './prepare-dataset.ts';
import type { PartSource } from './read/part-reader.ts';
import { resourcesOf } from './session.ts';

/** One line of quarantine.jsonl. */
export interface QuarantinedRow {
  readonly file: string;
  readonly line: number;
  readonly column: string | null;
  readonly rule: string;
  readonly value: string;
  readonly dropped?: true;
}

type Column = DataSpecification['columns'][number];

export const column = (name: string, rest: Partial<Column> = {}): Column => ({
  name,
  type: 'number',
  ...rest,
});

/** A specification of two numbers and a target, as the parser would have filled it. */
export function dataSpecification(rest: Partial<DataSpecification> = {}): DataSpecification {
  return {
    format: 'csv',
    seal: 'each',
    mode: 'append',
    columns: [column('y', { type: 'integer' }), column('a'), column('b')],
    derive: [],
    target: 'y',
    duplicates: 'drop',
    split: { test: 0.2, validation: 0.1 },
    quality: { minimumRows: 1, maximumQuarantined: 1 },
    ...rest,
  };
}

export function part(
  key: string,
  content: string | Buffer,
  rest: { fresh?: boolean; versionId?: string } = {},
): PartSource {
  const bytes = Buffer.from(content);
  const { fresh = true, versionId = 'v1' } = rest;
  return {
    part: { bucket: 'drop', key, versionId, size: bytes.length },
    fresh,
    open: async () =>
      (async function* () {
        for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
      })(),
  };
}

export const csv = (header: string, rows: readonly (readonly (string | number)[])[]): string =>
  [header, ...rows.map((row) => row.join(','))].map((line) => `${line}\n`).join('');

export interface Outcome {
  readonly prepared: Prepared;
  /** Every file by its name. */
  readonly files: Readonly<Record<string, string>>;
  readonly quarantine: readonly QuarantinedRow[];
}

export async function prepare(
  data: DataSpecification,
  parts: readonly PartSource[],
  rest: Pick<PrepareOptions, 'limits' | 'before'> = {},
): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'ratchet-prepare-'));
  try {
    const prepared = await prepareDataset({ data, parts, directory, resources: resourcesOf(1024), ...rest });
    const files = Object.fromEntries(
      prepared.files.map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
    );
    return {
      prepared,
      files,
      quarantine: linesOf(files['quarantine.jsonl']).map((line) => JSON.parse(line)),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export const linesOf = (text: string | undefined): string[] => (text ?? '').split('\n').slice(0, -1);

/** Every row of the dataset with its side, target first; numbers in JavaScript's form. */
export function sidesOf({ files }: Outcome): Map<string, 'train' | 'validation' | 'test'> {
  const rows = (name: string) =>
    linesOf(files[name]).map((line) =>
      line
        .split(',')
        .map((cell) => (cell === '' ? '' : String(Number(cell))))
        .join(','),
    );
  const labels = rows('test/labels.csv');
  const test = rows('test/features.csv').map((line, at) => `${labels[at]},${line}`);
  return new Map([
    ...rows('train/data.csv').map((line) => [line, 'train'] as const),
    ...rows('validation/data.csv').map((line) => [line, 'validation'] as const),
    ...test.map((line) => [line, 'test'] as const),
  ]);
}
