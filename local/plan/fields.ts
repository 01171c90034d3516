import { MEANINGLESS } from './meaningless.ts';
import { PlanError } from './plan-error.ts';

export type Plain = Readonly<Record<string, unknown>>;

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Text, also a number or a boolean, as CloudFormation takes them for text. */
export function textOf(value: unknown, where: string): string {
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
  throw new PlanError(where, 'text was expected');
}

export function present<T>(value: T | undefined, where: string): T {
  if (value === undefined) throw new PlanError(where, 'is missing');
  return value;
}

export function listOf<T>(value: unknown, where: string, read: (each: unknown, where: string) => T): T[] {
  if (!Array.isArray(value)) throw new PlanError(where, 'a list was expected');
  return value.map((each, index) => read(each, `${where}[${index}]`));
}

/** An object whose keys are free, each member read alike. */
export function mapOf<T>(
  value: unknown,
  where: string,
  read: (each: unknown, where: string, key: string) => T,
): Readonly<Record<string, T>> {
  if (!isPlain(value)) throw new PlanError(where, 'an object was expected');
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, read(each, `${where}.${key}`, key)]),
  );
}

/** Reads an object of the template. Throws PlanError, naming it, for every member that `read` has not asked for and
 * that meaningless.ts does not list under `kind`: a resource type, or a path in one. */
export function objectOf<T>(value: unknown, where: string, kind: string, read: (fields: Fields) => T): T {
  if (!isPlain(value)) throw new PlanError(where, 'an object was expected');
  const fields = new Fields(value, where, kind);
  const result = read(fields);
  const unread = fields.unread();
  if (unread !== undefined)
    throw new PlanError(`${where}.${unread}`, 'the embedded cloud does not know this property');
  return result;
}

/** The members of an object, by key. What is missing is `undefined`; what has another type throws PlanError. */
export class Fields {
  readonly where: string;
  private readonly value: Plain;
  private readonly kind: string;
  private readonly read = new Set<string>();

  constructor(value: Plain, where: string, kind: string) {
    this.value = value;
    this.where = where;
    this.kind = kind;
  }

  unread(): string | undefined {
    return Object.keys(this.value).find(
      (key) => !this.read.has(key) && !MEANINGLESS.has(`${this.kind}.${key}`),
    );
  }

  at(key: string): string {
    return `${this.where}.${key}`;
  }

  /** The member read as a whole. */
  member<T>(key: string, read: (value: unknown, where: string) => T): T | undefined {
    this.read.add(key);
    const value = this.value[key];
    return value === undefined ? undefined : read(value, this.at(key));
  }

  text(key: string): string | undefined {
    return this.member(key, textOf);
  }

  required(key: string): string {
    return present(this.text(key), this.at(key));
  }

  number(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    if (text.trim() === '' || !Number.isFinite(Number(text)))
      throw new PlanError(this.at(key), 'a number was expected');
    return Number(text);
  }

  /** One of the values that are understood. */
  oneOf<T extends string>(key: string, values: readonly T[], otherwise?: T): T {
    const found = this.text(key) ?? present(otherwise, this.at(key));
    const known = values.find((value) => value === found);
    if (known === undefined) throw new PlanError(this.at(key), `${found} is not understood`);
    return known;
  }

  flag(key: string, otherwise: boolean): boolean {
    return this.oneOf(key, ['true', 'false'], `${otherwise}`) === 'true';
  }

  /** A list of texts, or of those that are understood. */
  texts(key: string, values?: readonly string[]): readonly string[] | undefined {
    const found = this.member(key, (value, where) => listOf(value, where, textOf));
    const stranger = values && found?.find((each) => !values.includes(each));
    if (stranger !== undefined) throw new PlanError(this.at(key), `${stranger} is not understood`);
    return found;
  }

  /** Free keys, each member read alike; empty when it is missing. */
  map<T>(key: string, read: (value: unknown, where: string, key: string) => T): Readonly<Record<string, T>> {
    return this.member(key, (value, where) => mapOf(value, where, read)) ?? {};
  }

  object<T>(key: string, read: (fields: Fields) => T): T | undefined {
    return this.member(key, (value, where) => objectOf(value, where, `${this.kind}.${key}`, read));
  }

  objects<T>(key: string, read: (fields: Fields) => T): readonly T[] | undefined {
    const one = (value: unknown, where: string) => objectOf(value, where, `${this.kind}.${key}`, read);
    return this.member(key, (value, where) => listOf(value, where, one));
  }
}
