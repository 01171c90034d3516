/**
 * What AWS's models ask of a value. `length` counts characters of a text, items of a list, entries of a map; `range`
 * bounds a number; the pattern must match the whole text.
 */
export interface Constraint {
  readonly length?: readonly [least: number, most: number];
  readonly range?: readonly [least: number, most?: number];
  readonly pattern?: string;
  readonly values?: readonly string[];
}

/** What is wrong with a value, in AWS's words; nothing when it is as it should be. */
export function violations(constraint: Constraint, value: unknown): string[] {
  const { values, range, length } = constraint;
  if (values) {
    const known = values.includes(String(value));
    return known ? [] : [`Member must satisfy enum value set: [${values.join(', ')}]`];
  }
  if (range) return outside(Number(value), range, 'value');
  const size = length ? outside(sizeOf(value), length, 'length') : [];
  // A text that is too long is not matched: some patterns would take very long.
  const tooLong = length !== undefined && sizeOf(value) > length[1];
  return tooLong || matches(constraint, value) ? size : [...size, mustMatch(constraint)];
}

/** All that a constraint asks, as AWS lists it for the keys or values of a map. */
export function demands(constraint: Constraint): string {
  const [least, most] = constraint.length ?? [0, 0];
  const length = [
    `Member must have length less than or equal to ${most}`,
    `Member must have length greater than or equal to ${least}`,
  ];
  return [...length, ...(constraint.pattern ? [mustMatch(constraint)] : [])].join(', ');
}

const mustMatch = ({ pattern }: Constraint) => `Member must satisfy regular expression pattern: ${pattern}`;

const compiled = new Map<string, RegExp>();

function matches({ pattern }: Constraint, value: unknown): boolean {
  if (pattern === undefined) return true;
  const known = compiled.get(pattern) ?? new RegExp(`^(?:${pattern})$`, 'u');
  compiled.set(pattern, known);
  return known.test(String(value));
}

function outside(
  size: number,
  [least, most = Number.POSITIVE_INFINITY]: readonly [number, number?],
  of: string,
) {
  if (size > most) return [`Member must have ${of} less than or equal to ${most}`];
  return size < least ? [`Member must have ${of} greater than or equal to ${least}`] : [];
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return Object.keys(value as object).length;
}

/** One failed constraint in AWS's words; `value` in quotes, or null. */
export const failure = (value: string, path: string, demand: string) =>
  `Value ${value} at '${path}' failed to satisfy constraint: ${demand}`;

/** AWS's message for one or several failed constraints. */
export function detected(failures: readonly string[]): string {
  const count = failures.length === 1 ? '1 validation error' : `${failures.length} validation errors`;
  return `${count} detected: ${failures.join('; ')}`;
}
