/** Writes rows as a file in one of many styles, and knows what each line of it is. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { ReadRecord } from './reference.ts';
import { first200, Nested } from './reference-clean.ts';

/** A cell and how it is written: a small number, 0 for plainly. */
type MarkedCell = readonly [text: string, how: number];

export type Item =
  | { readonly kind: 'row'; readonly cells: readonly MarkedCell[] }
  /** An earlier row once more. */
  | { readonly kind: 'again'; readonly of: number }
  | { readonly kind: 'torn'; readonly wide: boolean }
  | { readonly kind: 'broken' }
  | { readonly kind: 'blank' };

export interface PartStyle {
  readonly kind: 'csv' | 'jsonl';
  readonly delimiter: string;
  /** The order of the declared columns in the file. */
  readonly order: readonly number[];
  /** Further columns that nobody declared. */
  readonly extras: readonly string[];
  readonly mark: boolean;
  readonly carriage: boolean;
  readonly lastNewline: boolean;
  /** Ends with a quote that does not close. */
  readonly unclosed: boolean;
  readonly packed: 'no' | 'gzip' | 'zstd';
}

export interface WrittenPart {
  readonly bytes: Buffer;
  readonly format: 'csv' | 'tsv' | 'jsonl';
  readonly ignored: readonly string[];
  readonly records: readonly ReadRecord[];
}

type Unread = NonNullable<ReadRecord['problem']>['rule'];

/** One line of text and the record that it is; without one it is no row. */
interface Line {
  readonly text: string;
  readonly record?: Omit<ReadRecord, 'line'>;
}

export function writePart(names: readonly string[], items: readonly Item[], style: PartStyle): WrittenPart {
  const lines = style.kind === 'csv' ? delimited(names, items, style) : jsonLines(names, items, style);
  const newline = style.carriage ? '\r\n' : '\n';
  const text = lines.map((line) => line.text).join(newline) + (style.lastNewline ? newline : '');
  const bytes = Buffer.from(`${style.mark ? '\ufeff' : ''}${text}`);
  const format = style.kind === 'jsonl' ? 'jsonl' : style.delimiter === '\t' ? 'tsv' : 'csv';
  return {
    bytes:
      style.packed === 'gzip' ? gzipSync(bytes) : style.packed === 'zstd' ? zstdCompressSync(bytes) : bytes,
    format,
    ignored: [...new Set(style.extras.filter((name) => name !== ''))],
    records: numbered(lines),
  };
}

function numbered(lines: readonly Line[]): readonly ReadRecord[] {
  const records: ReadRecord[] = [];
  let number = 1;
  for (const { text, record } of lines) {
    if (record) records.push({ line: number, ...record });
    number += text.split('\n').length;
  }
  return records;
}

const unread = (rule: Unread, text: string): Line => ({
  text,
  record: { problem: { rule, column: null, value: first200(text) } },
});

/** The rows, those that repeat another resolved; a leading item that is no row is left out. */
function resolved(items: readonly Item[], columns: number): readonly Item[] {
  const rows: (readonly MarkedCell[])[] = [];
  const found = items.flatMap((item): Item[] => {
    if (item.kind === 'row') rows.push(item.cells);
    if (item.kind !== 'again') return rows.length === 0 ? [] : [item];
    const cells = rows[item.of % Math.max(1, rows.length)];
    return cells ? [{ kind: 'row', cells }] : [];
  });
  return found.length > 0
    ? found
    : [{ kind: 'row', cells: Array.from({ length: columns }, () => ['', 0] as const) }];
}

function delimited(names: readonly string[], items: readonly Item[], style: PartStyle): readonly Line[] {
  const { delimiter, order, extras, unclosed } = style;
  const header = [...order.map((at) => names[at]!), ...extras];
  const width = header.length;
  const lines = resolved(items, names.length).map((item): Line => {
    switch (item.kind) {
      case 'row': {
        const cells = item.cells.map(([text, how]) => [text.replaceAll('\0', '\u0001'), how] as const);
        const written = [...order.map((at) => cells[at]!), ...extras.map((_, at) => [`x${at}`, 0] as const)];
        return {
          text: written.map(([text, how]) => quoted(text, how, delimiter)).join(delimiter),
          record: { cells: cells.map(([text]) => text) },
        };
      }
      case 'torn':
        return unread(
          'torn-line',
          Array.from({ length: item.wide ? width + 1 : width - 1 }, (_, at) => `t${at}`).join(delimiter),
        );
      case 'broken':
        return unread('broken-quote', `"a"b${delimiter}1`);
      default:
        return { text: '' };
    }
  });
  return [
    { text: header.map((name) => quoted(name, 0, delimiter)).join(delimiter) },
    ...lines,
    ...(unclosed ? [unread('broken-quote', `"never closed${delimiter}1`)] : []),
  ];
}

function quoted(text: string, how: number, delimiter: string): string {
  const must = text.startsWith('"') || [delimiter, '\n', '\r'].some((special) => text.includes(special));
  return must || how === 1 ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonLines(names: readonly string[], items: readonly Item[], style: PartStyle): readonly Line[] {
  const { order, extras } = style;
  return resolved(items, names.length).map((item): Line => {
    switch (item.kind) {
      case 'row': {
        const values = item.cells.map(([text, how]) => typed(text, how));
        const members = order.flatMap((at) => (values[at] === undefined ? [] : [[names[at]!, values[at]]]));
        const others = extras.filter((name) => name !== '').map((name) => [name, { any: 'thing' }]);
        return {
          text: JSON.stringify(Object.fromEntries([...members, ...others])),
          record: { cells: values.map(cellOf) },
        };
      }
      case 'torn':
        return unread('not-json', item.wide ? '{"y": 1' : '[1, 2]');
      case 'broken':
        return unread('not-json', '"y": 1');
      default:
        return { text: '' };
    }
  });
}

/** What a cell is in JSON; undefined where its key is absent. */
function typed(text: string, how: number): unknown {
  if (text.trim() === '') return how === 1 ? null : how === 2 ? undefined : text;
  if (how === 3 && /^-?\d{1,9}(\.\d{1,4})?$/.test(text) && String(Number(text)) === text) return Number(text);
  if (how === 3 && (text === 'true' || text === 'false')) return text === 'true';
  return how === 9 && text.length % 4 === 3 ? { nested: [text.length, 'x'] } : text;
}

function cellOf(value: unknown): string | Nested {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? new Nested(JSON.stringify(value)) : String(value);
}
