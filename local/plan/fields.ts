import { PlanError } from './plan-error.ts';

/** An object of the template, read key by key; every key must be known. Missing keys are `undefined`, keys of
 * another type than asked for throw PlanError. */
export interface Fields {
  readonly where: string;
  text(key: string): string | undefined;
  required(key: string): string;
  /** A number, also one written as text. */
  number(key: string): number | undefined;
  flag(key: string): boolean | undefined;
  /** One of the values that are understood; the first one when the key is missing. */
  oneOf<T extends string>(key: string, ...values: readonly T[]): T;
  record(key: string): Readonly<Record<string, unknown>> | undefined;
  list(key: string): readonly unknown[];
  texts(key: string): readonly string[];
  fields(key: string, known: readonly string[]): Fields | undefined;
}

export type Plain = Readonly<Record<string, unknown>>;

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown, where: string, known: readonly string[]): Fields {
  if (!isPlain(value)) throw new PlanError(where, 'an object was expected');
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      throw new PlanError(`${where}.${key}`, 'the embedded cloud does not know this property');
  }
  const object = value;
  function typed<T>(key: string, what: string, is: (each: unknown) => each is T): T | undefined {
    const each = object[key];
    if (each === undefined) return undefined;
    if (!is(each)) throw new PlanError(`${where}.${key}`, `${what} was expected`);
    return each;
  }
  const text = (key: string) => typed(key, 'text', (each): each is string => typeof each === 'string');
  const list = (key: string) => typed(key, 'a list', (each): each is unknown[] => Array.isArray(each)) ?? [];
  return {
    where,
    text,
    required(key) {
      const found = text(key);
      if (found === undefined) throw new PlanError(`${where}.${key}`, 'is missing');
      return found;
    },
    number(key) {
      const numeric = typed(
        key,
        'a number',
        (each): each is number | string => each !== '' && Number.isFinite(Number(each)),
      );
      return numeric === undefined ? undefined : Number(numeric);
    },
    flag(key) {
      const found = typed(key, 'true or false', (each): each is boolean | string =>
        /^(true|false)$/.test(String(each)),
      );
      return found === undefined ? undefined : String(found) === 'true';
    },
    oneOf(key, ...values) {
      const found = text(key) ?? values[0];
      const known = values.find((value) => value === found);
      if (known === undefined) throw new PlanError(`${where}.${key}`, `${found} is not understood`);
      return known;
    },
    record: (key) => typed(key, 'an object', isPlain),
    list,
    texts: (key) => list(key).map(String),
    fields(key, inner) {
      const found = typed(key, 'an object', isPlain);
      return found && fieldsOf(found, `${where}.${key}`, inner);
    },
  };
}
