import { Rejection } from './rejection.ts';

const SHOWN = 12;

export interface Header {
  readonly width: number;
  /** Where each wanted column stands in the file. */
  readonly positions: Int32Array;
  /** Columns of the file that nobody asked for. */
  readonly ignored: readonly string[];
}

/** Finds the `wanted` columns in a file's header. Throws Rejection when one is missing or stands twice; of what nobody
 * asked for, neither a name that stands twice nor a blank one matters. */
export function readHeader(cells: readonly string[], wanted: readonly string[]): Header {
  const names = cells.map((cell) => cell.trim());
  const asked = new Set(wanted);
  const places = new Map<string, number>();
  names.forEach((name, at) => {
    if (asked.has(name) && places.has(name))
      throw new Rejection(`the header has the column "${clip(name)}" twice; rename one of them`);
    places.set(name, at);
  });
  const missing = wanted.filter((name) => !places.has(name));
  if (missing.length > 0) {
    const columns = missing.length === 1 ? 'column' : 'columns';
    throw new Rejection(
      `the header lacks the ${columns} ${list(missing)}; it has ${list(names)}; give the file these columns, or declare those that it has`,
    );
  }
  return {
    width: names.length,
    positions: Int32Array.from(wanted, (name) => places.get(name)!),
    ignored: [...places.keys()].filter((name) => name !== '' && !asked.has(name)),
  };
}

const clip = (name: string): string => (name.length > 60 ? `${name.slice(0, 59)}…` : name);

function list(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map(clip).join(', ');
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}
