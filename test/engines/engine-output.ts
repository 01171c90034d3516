/** What an engine has written into its directory. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Fitted } from '../../shared/preparation/fitted.ts';
import type { Result, Side } from '../../shared/preparation/result.ts';

export interface EngineOutput {
  readonly result: Result;
  readonly quarantine: readonly unknown[];
  readonly fitted?: Fitted;
  /** By side: the target, then the features; a missing value is undefined. */
  readonly rows: Readonly<Record<Side, readonly (readonly (number | undefined)[])[]>>;
  readonly records: readonly (readonly string[])[];
}

export function readOutput(directory: string): EngineOutput {
  const text = (name: string) => {
    const path = join(directory, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  const labels = numbers(text('test/labels.csv'));
  const features = numbers(text('test/features.csv'));
  const fitted = text('fitted.json');
  return {
    result: JSON.parse(text('result.json') ?? 'null'),
    quarantine: (text('quarantine.jsonl') ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
    ...(fitted ? { fitted: JSON.parse(fitted) } : {}),
    rows: {
      train: numbers(text('train/data.csv')),
      validation: numbers(text('validation/data.csv')),
      test: labels.map((label, at) => [...label, ...(features[at] ?? [])]),
    },
    records: parse(text('test/records.csv') ?? '', { relax_column_count: true, skip_empty_lines: false }),
  };
}

/** A row whose only value is missing is an empty line. */
const numbers = (text = ''): (number | undefined)[][] =>
  text === ''
    ? []
    : text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => line.split(',').map((cell) => (cell === '' ? undefined : Number(cell))));
