/** Condition operators of IAM policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
import type { PolicyStatement } from '../plan/policy.ts';

/** What is known of a call, by condition key in lower case (`events:source`). A list is a key of many values. */
export type CallContext = Readonly<Record<string, string | readonly string[]>>;

type Test = (value: string, wanted: string) => boolean;

const like: Test = (value, wanted) => wildcard(wanted, value);
const number =
  (holds: (value: number, wanted: number) => boolean): Test =>
  (value, wanted) =>
    holds(Number(value), Number(wanted));

const arnLike: Test = (value, wanted) => arnFields(wanted).length === 6 && arnMatches(wanted, value);

const TESTS: Readonly<Record<string, Test>> = {
  StringEquals: (value, wanted) => value === wanted,
  StringEqualsIgnoreCase: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  StringLike: like,
  ArnLike: arnLike,
  ArnEquals: arnLike,
  Bool: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  NumericEquals: number((value, wanted) => value === wanted),
  NumericLessThan: number((value, wanted) => value < wanted),
  NumericLessThanEquals: number((value, wanted) => value <= wanted),
  NumericGreaterThan: number((value, wanted) => value > wanted),
  NumericGreaterThanEquals: number((value, wanted) => value >= wanted),
};

interface Operator {
  readonly quantifier: 'ForAllValues' | 'ForAnyValue' | undefined;
  readonly isNegated: boolean;
  readonly ifExists: boolean;
  /** Undefined for `Null`, which looks only whether the key is there. */
  readonly test: Test | undefined;
}

/** Takes `ForAllValues:StringNotLikeIfExists` apart; undefined when it is not understood. */
export function operatorOf(name: string): Operator | undefined {
  if (name === 'Null') return { quantifier: undefined, isNegated: false, ifExists: false, test: undefined };
  const [, quantifier, base = '', ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  const positive = base.replace(/^(String|Arn|Numeric)Not/, '$1');
  if (!Object.hasOwn(TESTS, positive)) return undefined;
  return {
    quantifier: quantifier as Operator['quantifier'],
    isNegated: positive !== base,
    ifExists: ifExists !== undefined,
    test: TESTS[positive],
  };
}

/** All conditions of a statement hold for a call. */
export function conditionsHold(
  conditions: NonNullable<PolicyStatement['Condition']>,
  context: CallContext,
): boolean {
  return Object.entries(conditions).every(([name, keys]) => {
    const operator = operatorOf(name);
    return Object.entries(keys).every(([key, wanted]) => {
      const value = context[key.toLowerCase()];
      return operator !== undefined && holds(operator, value, wanted);
    });
  });
}

function holds(
  { quantifier, isNegated, ifExists, test }: Operator,
  value: string | readonly string[] | undefined,
  wanted: readonly string[],
): boolean {
  if (!test) return wanted.some((wish) => (wish === 'true') === (value === undefined));
  const values = value === undefined ? [] : [value].flat();
  const one = (text: string) => wanted.some((wish) => test(text, wish)) !== isNegated;
  if (quantifier === 'ForAllValues') return values.every(one);
  // Any of no values is none, whatever else is said.
  if (values.length === 0) return quantifier === undefined && (ifExists || isNegated);
  return values.some(one);
}

/** `*` is any text, `?` any one character. */
export function wildcard(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** The first five fields of an ARN each by itself, so that a `*` in one does not reach into the next; then the rest.
 * A pattern that is no whole ARN, such as `*`, is compared as text. */
export function arnMatches(pattern: string, arn: string): boolean {
  const [wanted, fields] = [arnFields(pattern), arnFields(arn)];
  if (wanted.length < 6) return wildcard(pattern, arn);
  return wanted.every((field, at) => wildcard(field, fields[at] ?? ''));
}

function arnFields(arn: string): string[] {
  const fields = arn.split(':');
  return fields.length < 6 ? fields : [...fields.slice(0, 5), fields.slice(5).join(':')];
}
