/** Records in the body of a request, as docs/data.md reads what was dropped: text cells in declared order. The
 * `features` container and monitoring read requests by this one reader. */

import { cellOf } from '../preparation/typed-cell.ts';
import { csvRows, LONGEST_CELL } from './csv-text.ts';
import type { RequestColumns } from './request-columns.ts';

export const RECORD_MEDIA_TYPES = [
  'text/csv',
  'application/json',
  'application/jsonlines',
  'application/x-jsonlines',
] as const;
export type RecordMediaType = (typeof RECORD_MEDIA_TYPES)[number];

/** Why a record cannot be used; names of rules as in docs/data.md. `reason` is a sentence for people. */
export interface RecordProblem {
  readonly rule: string;
  readonly column: string | null;
  readonly value: string;
  readonly reason: string;
}

/** Cells of the columns but the target, trimmed; or why they cannot be read. */
export type RequestRecord =
  | { readonly kind: 'cells'; readonly cells: readonly string[] }
  | { readonly kind: 'problem'; readonly problem: RecordProblem };

/** The body as a whole is no such text. */
export class UnreadableBody extends Error {
  readonly code = 'UnreadableBody';
}

/** The media type of a Content-Type header, when records are read from it. */
export function recordMediaType(header: string): RecordMediaType | undefined {
  const given = header.split(';')[0]?.trim().toLowerCase();
  return RECORD_MEDIA_TYPES.find((type) => type === given);
}

/** Throws UnreadableBody. */
export function readRecords(
  type: RecordMediaType,
  body: string,
  columns: RequestColumns,
): readonly RequestRecord[] {
  switch (type) {
    case 'text/csv':
      return Array.from(csvRows(body), (row) =>
        row.kind === 'cells' ? ofCells(row.cells, columns) : brokenQuote(row.line),
      );
    case 'application/json':
      return instancesOf(parsed(body), columns).map((value) => ofJson(value, columns));
    case 'application/jsonlines':
    case 'application/x-jsonlines':
      return body
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => ofLine(line, columns));
    default:
      return type satisfies never;
  }
}

const EXCERPT = 200;

/** Code points, as in the quarantine file. */
const excerpt = (value: string): string =>
  value.length <= EXCERPT ? value : [...value.slice(0, 2 * EXCERPT)].slice(0, EXCERPT).join('');

const problem = (rule: string, column: string | null, value: string, reason: string): RequestRecord => ({
  kind: 'problem',
  problem: { rule, column, value: excerpt(value), reason },
});

const brokenQuote = (line: string): RequestRecord =>
  problem('broken-quote', null, line, 'the line has a quote that does not close, or text behind it');

/** A record by position: every declared column, or all but the target. */
function ofCells(given: readonly string[], { names, target }: RequestColumns): RequestRecord {
  const expected = names.length - 1;
  if (given.length !== expected && given.length !== names.length) {
    const reason = `the record has ${given.length} cells where ${expected} were expected (${names.length} with the target)`;
    return problem('torn-line', null, given.join(','), reason);
  }
  const cells = given.map((cell) => cell.trim());
  if (cells.length === names.length) cells.splice(target, 1);
  return checked(cells, { names, target });
}

function ofLine(line: string, columns: RequestColumns): RequestRecord {
  try {
    return ofJson(JSON.parse(line), columns);
  } catch {
    return problem('not-json', null, line, 'the line is no JSON object');
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new UnreadableBody(`The body is no JSON: ${(error as Error).message}`);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One object, an array of objects, or `{"instances": […]}`. */
function instancesOf(value: unknown, { names }: RequestColumns): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value))
    throw new UnreadableBody('The body is neither a JSON object nor an array of JSON objects');
  return Array.isArray(value.instances) && !names.includes('instances') ? value.instances : [value];
}

/** An object by the names of its columns (an absent one is blank), or cells by position: an array, or SageMaker's
 * `{"features": […]}`. */
function ofJson(value: unknown, columns: RequestColumns): RequestRecord {
  const { names, target } = columns;
  if (Array.isArray(value)) return ofValues(value, columns);
  if (!isObject(value))
    return problem('not-json', null, JSON.stringify(value), 'the record is no JSON object');
  if (Array.isArray(value.features) && !names.includes('features')) return ofValues(value.features, columns);
  const cells: string[] = [];
  for (const [at, name] of names.entries()) {
    if (at === target) continue;
    const cell = cellOf(Object.hasOwn(value, name) ? value[name] : null);
    if (cell === undefined) return notACell(name, value[name]);
    cells.push(cell.trim());
  }
  return checked(cells, columns);
}

function ofValues(values: readonly unknown[], columns: RequestColumns): RequestRecord {
  const cells = values.map(cellOf);
  const nested = cells.indexOf(undefined);
  return nested < 0 ? ofCells(cells as string[], columns) : notACell(null, values[nested]);
}

const notACell = (column: string | null, value: unknown): RequestRecord =>
  problem(
    'not-a-cell',
    column,
    JSON.stringify(value),
    `${column ?? 'a cell'} is nested where text, a number, true, false or null was expected`,
  );

function checked(cells: readonly string[], { names, target }: RequestColumns): RequestRecord {
  const at = cells.findIndex((cell) => cell.length > LONGEST_CELL);
  if (at < 0) return { kind: 'cells', cells };
  const [name, cell] = [names[at < target ? at : at + 1] as string, cells[at] as string];
  const reason = `${name} has ${cell.length} characters, more than ${LONGEST_CELL}`;
  return problem('cell-too-long', name, cell, reason);
}
