import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { CliError, exitCode } from '../exit.ts';
import { roomFor, type Sample } from './sample.ts';

type Line = Readonly<Record<string, unknown>>;

/** Keeps every n-th line; n doubles whenever the kept ones are too many. */
class Kept {
  lines: string[] = [];
  total = 0;
  #step = 1;
  readonly #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  add(line: string): void {
    if (this.total++ % this.#step !== 0) return;
    this.lines.push(line);
    if (this.lines.length < 2 * this.#room) return;
    this.#step *= 2;
    this.lines = this.lines.filter((_, at) => at % 2 === 0);
  }
}

export async function readJsonLines(path: string, shown: string): Promise<Sample> {
  let kept: Kept | undefined;
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (line.trim() === '') continue;
    kept ??= new Kept(roomFor(Object.keys(parse(line.replace(/^\ufeff/, '')) ?? {}).length));
    kept.add(line.replace(/^\ufeff/, ''));
  }
  const objects = (kept?.lines ?? []).map(parse);
  const readable = objects.filter((line) => line !== undefined);
  if (readable.length === 0)
    throw new CliError(
      `${shown} holds no JSON object on a line of its own; write an object a line, for example: jq -c . ${shown} > lines.jsonl`,
      exitCode.badData,
    );
  const names = [...new Set(readable.flatMap((line) => Object.keys(line)))];
  const nested = names.filter((name) => readable.some((line) => isNested(line[name])));
  const flat = names.filter((name) => !nested.includes(name));
  return {
    names: flat.map((name) => name.trim()),
    rows: readable.map((line) => flat.map((name) => cellOf(line[name]))),
    total: kept!.total,
    notes: [
      ...nested.map((name) => `${name}: its values are nested and cannot be read`),
      ...(readable.length < objects.length
        ? ['Some lines are no JSON objects: their rows are set aside']
        : []),
    ],
  };
}

function parse(line: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}

const isNested = (value: unknown): boolean => typeof value === 'object' && value !== null;

const cellOf = (value: unknown): string =>
  value === null || value === undefined ? '' : String(value).trim();
