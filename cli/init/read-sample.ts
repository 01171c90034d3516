/** Looks at a file of any of the formats that can be dropped (docs/data.md) and takes a sample from all of it. */
import { statSync } from 'node:fs';
import { CliError, exitCode } from '../exit.ts';
import { readDelimited } from './read-delimited.ts';
import { readJsonLines } from './read-json-lines.ts';
import { readParquet } from './read-parquet.ts';
import type { Sample } from './sample.ts';
import { headOf, withUnpacked } from './unpack.ts';

const HEAD_BYTES = 1024 ** 2;

/** `target` tells delimiters apart. Throws a CliError for a file that holds no table. */
export async function readSample(path: string, target: string): Promise<Sample> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new CliError(`There is no file ${path}`, exitCode.usage);
  if (!found.isFile()) throw new CliError(`${path} is no file: name one, such as data.csv`, exitCode.usage);
  return withUnpacked(path, async (unpacked) => {
    const head = headOf(unpacked, HEAD_BYTES);
    if (head.length === 0) throw new CliError(`${path} is empty`, exitCode.badData);
    const sample = await readKind(unpacked, head, path, target);
    if (sample.rows.length === 0) throw new CliError(noRow(path, head), exitCode.badData);
    return sample;
  });
}

/** A quote that never closes takes all that follows into one cell. */
function noRow(path: string, head: Buffer): string {
  const lines = head.toString('utf8').trim().split('\n').length;
  return lines > 1
    ? `${path} has ${lines} lines or more, but no row that can be read: look for a quote that does not close`
    : `${path} has a header, but no row`;
}

function readKind(unpacked: string, head: Buffer, path: string, target: string): Promise<Sample> {
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') return readParquet(unpacked, path);
  const text = textOf(head, path);
  if (/^\s*\[\s*[{[]/.test(text))
    throw new CliError(
      `${path} is one JSON array; write an object a line (JSON Lines), for example: jq -c '.[]' ${path} > lines.jsonl`,
      exitCode.badData,
    );
  return text.trimStart().startsWith('{')
    ? readJsonLines(unpacked, path)
    : readDelimited(unpacked, text, path, target);
}

/** Throws where the bytes are no text in UTF-8. */
function textOf(head: Buffer, path: string): string {
  const foreign = foreignFormat(head);
  if (foreign !== undefined) throw new CliError(`${path} ${foreign(path)}`, exitCode.badData);
  if (head.includes(0))
    throw new CliError(
      `${path} is no text and no Parquet: drop CSV, TSV, JSON Lines or Parquet, packed or not`,
      exitCode.badData,
    );
  try {
    // A character that the head cuts in two is no fault of the file.
    return new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
  } catch {
    throw new CliError(
      `${path} is not in UTF-8; convert it, for example: iconv -f latin1 -t utf-8 ${path} > utf8.csv`,
      exitCode.badData,
    );
  }
}

/** What people name by mistake, by the bytes that it begins with, and how it becomes a table. */
const FOREIGN: readonly (readonly [begins: string, says: (path: string) => string])[] = [
  ['\xff\xfe', utf16],
  ['\xfe\xff', utf16],
  ['PK\x03\x04', () => 'is an Excel workbook or a zip archive: save the sheet as CSV, or unpack it'],
];

const foreignFormat = (head: Buffer) =>
  FOREIGN.find(([begins]) => head.subarray(0, begins.length).toString('latin1') === begins)?.[1];

function utf16(path: string): string {
  return `is UTF-16 text; convert it, for example: iconv -f utf-16 -t utf-8 ${path} > utf8.csv`;
}
