import { UserError } from './user-error.ts';

/** Reads one hyperparameter: SageMaker hands over every value as a string. */
export type Hyperparameter<T> = (text: string | undefined, name: string) => T;

export type HyperparameterSpec = Readonly<Record<string, Hyperparameter<unknown>>>;

export type Hyperparameters<S extends HyperparameterSpec> = {
  readonly [K in keyof S]: S[K] extends Hyperparameter<infer T> ? T : never;
};

interface Range {
  readonly min: number;
  readonly max: number;
  /** The minimum itself is refused. */
  readonly openMin?: boolean;
}

/** Reads all declared hyperparameters. Throws UserError for an unknown name or a value out of its range. */
export function parseHyperparameters<S extends HyperparameterSpec>(
  spec: S,
  given: Readonly<Record<string, string>>,
): Hyperparameters<S> {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(spec, name));
  if (unknown.length > 0) {
    const known = Object.keys(spec).sort().join(', ');
    throw new UserError(`Unknown hyperparameter ${unknown.join(', ')}. Known hyperparameters: ${known}.`);
  }
  const entries = Object.entries(spec).map(([name, read]) => {
    const text = Object.hasOwn(given, name) ? given[name]?.trim() : undefined;
    return [name, read(text === '' ? undefined : text, name)];
  });
  return Object.fromEntries(entries) as Hyperparameters<S>;
}

export function whole(fallback: number, range: Range): Hyperparameter<number> {
  return (text, name) => (text === undefined ? fallback : number(text, name, range, true));
}

export function real(fallback: number, range: Range): Hyperparameter<number> {
  return (text, name) => (text === undefined ? fallback : number(text, name, range, false));
}

export function choice<T extends string>(fallback: T, allowed: readonly T[]): Hyperparameter<T> {
  return (text, name) => {
    if (text === undefined) return fallback;
    const found = allowed.find((value) => value === text);
    if (found === undefined) {
      throw new UserError(`Hyperparameter ${name} must be one of ${allowed.join(', ')}, but is "${text}".`);
    }
    return found;
  };
}

/** A hyperparameter that may be absent: `undefined` then. */
export function optional<T>(inner: Hyperparameter<T>): Hyperparameter<T | undefined> {
  return (text, name) => (text === undefined ? undefined : inner(text, name));
}

export function required<T>(inner: Hyperparameter<T>): Hyperparameter<T> {
  return (text, name) => {
    if (text === undefined) throw new UserError(`Missing required hyperparameter ${name}.`);
    return inner(text, name);
  };
}

/** Values parted by commas, each read by `inner`; empty when absent. */
export function list<T>(inner: Hyperparameter<T>): Hyperparameter<readonly T[]> {
  return (text, name) => (text === undefined ? [] : text.split(',').map((part) => inner(part.trim(), name)));
}

function number(text: string, name: string, range: Range, isWhole: boolean): number {
  const value = Number(text);
  const below = range.openMin ? value <= range.min : value < range.min;
  if (!Number.isFinite(value) || below || value > range.max || (isWhole && !Number.isInteger(value))) {
    const kind = isWhole ? 'a whole number' : 'a number';
    const from = range.openMin ? `above ${range.min}` : `from ${range.min}`;
    throw new UserError(`Hyperparameter ${name} must be ${kind} ${from} to ${range.max}, but is "${text}".`);
  }
  return value;
}
