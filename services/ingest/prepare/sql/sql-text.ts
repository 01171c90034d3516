/** What stands in a statement is one of these: nothing that a user wrote goes in raw. */

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const text = (value: string): string => {
  // A literal cannot hold NUL; no text of a specification is asked for one, but a statement must never be cut short.
  if (value.includes('\0')) throw new RangeError('a text with NUL cannot stand in a statement');
  return `'${value.replaceAll("'", "''")}'`;
};

/** The very double: with an exponent, so that it is no DECIMAL; in brackets, so that no `--` can come of it. */
export function double(value: number): string {
  if (Number.isNaN(value)) return "CAST('nan' AS DOUBLE)";
  if (!Number.isFinite(value)) return `CAST('${value < 0 ? '-' : ''}inf' AS DOUBLE)`;
  const digits = Object.is(value, -0) ? '-0' : String(value);
  const written = digits.includes('e') ? digits : `${digits}e0`;
  return written.startsWith('-') ? `(${written})` : written;
}

/** A whole number. */
export function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  return value < 0 ? `(${value})` : `${value}`;
}

export const list = (items: readonly string[]): string => `[${items.join(', ')}]`;

/** `CASE WHEN … THEN … … ELSE … END`; the last one alone when there is no condition. */
export function firstOf(
  branches: readonly (readonly [when: string, then: string])[],
  otherwise: string,
): string {
  if (branches.length === 0) return otherwise;
  const cases = branches.map(([when, then]) => `WHEN ${when} THEN ${then}`);
  return `CASE ${cases.join(' ')} ELSE ${otherwise} END`;
}

/** A column of a SELECT: an expression with its name. */
export interface Named {
  readonly name: string;
  readonly sql: string;
}

/** SELECTs one inside the other: each level may use the names of those below it. A level that says nothing is left
 * out. DuckDB computes each expression once, and drops what nobody above asks for. */
export class Levels {
  #from: string;
  #names: readonly string[];

  constructor(from: string, names: readonly string[]) {
    this.#from = from;
    this.#names = names;
  }

  /** Adds columns, one of an old name in its place, and leaves out those that nobody above needs. */
  with(columns: readonly Named[], unneeded: readonly string[] = []): this {
    if (columns.length === 0) return this;
    const replaced = new Set(columns.map(({ name }) => name));
    const gone = new Set([...replaced, ...unneeded]);
    const kept = this.#names.filter((name) => !gone.has(name));
    const selected = [...kept, ...columns.map(({ name, sql }) => `${sql} AS ${name}`)];
    this.#from = `(SELECT ${selected.join(', ')} FROM ${this.#from})`;
    this.#names = [...kept, ...replaced];
    return this;
  }

  select(columns: readonly Named[], where?: string): string {
    const selected = columns.map(({ name, sql }) => (name === sql ? sql : `${sql} AS ${name}`));
    return `SELECT ${selected.join(', ')} FROM ${this.#from}${where === undefined ? '' : ` WHERE ${where}`}`;
  }
}
