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
    if (sample.rows.length === 0) throw new CliError(`${path} has a header, but no row`, exitCode.badData);
    return sample;
  });
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
