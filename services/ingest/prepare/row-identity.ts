/** What makes two rows the same, and which side of the split a row falls on. */
import { hash } from 'node:crypto';
import type { DataLayout } from '../../../shared/contracts/data-layout.ts';
import { isNumeric } from '../../../shared/contracts/data-layout.ts';
import type { DataSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import type { Part } from '../../../shared/lifecycle/run.ts';
import type { Line } from './line.ts';
import type { RowProgram } from './row-program.ts';

export interface RowIdentity {
  /** Equal for rows that are equal in every declared column. */
  row(program: RowProgram, line: Line): Buffer;
  /** Equal for rows that must stay on one side: by the declared key, else by the features, never by the label. */
  group(program: RowProgram, line: Line): Buffer;
}

const digest = (data: Buffer | string): Buffer => hash('sha256', data, 'buffer');

export function rowIdentity(data: DataSpecification, layout: DataLayout, form: Part['form']): RowIdentity {
  const byLine = form === 'features' || lineTellsAll(layout);
  const key = keyPlaces(data, layout, form);
  return {
    row: byLine
      ? (_, line) => digest(line.bytes.subarray(0, line.length - 1))
      : (program) => digest(`raw\n${program.columns.map((_, at) => cellKey(program, at)).join('')}`),
    group: key
      ? (program) => digest(key.map((at) => cellKey(program, at)).join(''))
      : (_, line) => digest(line.bytes.subarray(line.features, line.length - 1)),
  };
}

/** The length before the text keeps `a|b` and `a`, `b` apart. */
function cellKey({ texts, values }: RowProgram, at: number): string {
  const text = texts[at] || String(values[at]);
  return `${text.length}:${text}`;
}

/** Where the output line holds every declared column, a labelled capture and its raw twin are the same row. */
function lineTellsAll({ columns, features, target }: DataLayout): boolean {
  const seen = new Set([target]);
  for (const feature of features) if (feature.kind === 'column') seen.add(feature.at);
  return columns.every(({ column }, at) => isNumeric(column) && seen.has(at));
}

/** Where the key's columns stand among the program's; undefined where there is no key, or rows that already are
 * features do not hold it. */
function keyPlaces(
  data: DataSpecification,
  layout: DataLayout,
  form: Part['form'],
): readonly number[] | undefined {
  if (!data.split.key) return undefined;
  const places = data.split.key.map((name) => layout.columns.findIndex((column) => column.name === name));
  if (form === 'raw') return places;
  const among = places.map((place) =>
    layout.features.findIndex(
      (feature) =>
        feature.kind === 'column' && feature.at === place && isNumeric(layout.columns[place]!.column),
    ),
  );
  return among.includes(-1) ? undefined : among.map((at) => at + 1);
}
