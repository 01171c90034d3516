import { operatorOf } from '../iam/condition.ts';
import { type Fields, listOf, mapOf, objectOf, textOf } from './fields.ts';
import { PlanError } from './plan-error.ts';

type Texts = readonly string[];

/** A statement of an identity policy, every value that may stand alone in a list
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html). */
export interface PolicyStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: Texts;
  readonly NotAction?: Texts;
  readonly Resource?: Texts;
  readonly NotResource?: Texts;
  /** Operator (`StringEquals`) → key (`events:source`) → values. */
  readonly Condition: Readonly<Record<string, Readonly<Record<string, Texts>>>>;
}

export interface PolicyDocument {
  readonly Statement: readonly PolicyStatement[];
}

const LANGUAGE = '2012-10-17';

/** Reads a policy document whose intrinsics are resolved. Throws PlanError for what its grammar does not have. */
export function readPolicy(value: unknown, where: string): PolicyDocument {
  return objectOf(value, where, 'Policy', (document) => {
    document.oneOf('Version', [LANGUAGE], LANGUAGE);
    const statement = (each: unknown, at: string) => objectOf(each, at, 'Policy.Statement', readStatement);
    return { Statement: document.member('Statement', (each, at) => listed(each, at, statement)) ?? [] };
  });
}

function readStatement(fields: Fields): PolicyStatement {
  return {
    Effect: fields.oneOf('Effect', ['Allow', 'Deny']),
    ...oneOfTwo(fields, 'Action', 'NotAction'),
    ...oneOfTwo(fields, 'Resource', 'NotResource'),
    Condition: fields.map('Condition', (keys, where, operator) => {
      if (!operatorOf(operator)) throw new PlanError(where, 'is a condition operator that is not understood');
      return mapOf(keys, where, texts);
    }),
  };
}

function oneOfTwo<K extends string>(
  fields: Fields,
  ...keys: readonly [K, K]
): { readonly [key in K]?: Texts } {
  const given = keys.map((key) => [key, fields.member(key, texts)] as const).filter(([, value]) => value);
  if (given.length !== 1) throw new PlanError(fields.at(keys[0]), `or else ${keys[1]} was expected`);
  return Object.fromEntries(given) as { readonly [key in K]?: Texts };
}

const texts = (value: unknown, where: string): Texts =>
  listed(value, where, (each, at) => {
    const text = textOf(each, at);
    if (text.includes('${')) throw new PlanError(at, 'policy variables are not understood');
    return text;
  });

/** What may stand alone, as a list. */
function listed<T>(value: unknown, where: string, read: (each: unknown, where: string) => T): T[] {
  return listOf(Array.isArray(value) ? value : [value], where, read);
}
