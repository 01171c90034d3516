import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Address } from '../objects.ts';

/** A local file of captured lines that becomes one object: its first line is the object's address. */
export interface SpoolFile {
  readonly path: string;
  readonly count: number;
  append(line: string): void;
  /** No more lines. */
  seal(): void;
}

/** Opens a spool for the object at `address`; a line appended is safe from the death of this process. */
export function openSpool(dir: string, address: S3Address): SpoolFile {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, `${randomUUID()}.jsonl`);
  const file = openSync(path, 'a');
  writeSync(file, `${JSON.stringify(address)}\n`);
  let count = 0;
  return {
    path,
    get count() {
      return count;
    },
    append: (line) => {
      writeSync(file, `${line}\n`);
      count += 1;
    },
    seal: () => closeSync(file),
  };
}

/** The address and the whole lines of a spool file; undefined when it holds none. */
export async function readSpool(path: string): Promise<{ address: S3Address; body: string } | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  // A last line without its end was being written when the process died: its invocation was not answered.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1);
  const end = lines.indexOf('\n') + 1;
  if (end === 0 || end === lines.length) return undefined;
  return { address: JSON.parse(lines.slice(0, end)) as S3Address, body: lines.slice(end) };
}

export async function spooled(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch(() => []);
  return names.filter((name) => name.endsWith('.jsonl')).map((name) => join(dir, name));
}

export const discard = (path: string) => rm(path, { force: true });
