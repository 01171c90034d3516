import { type Fields, fieldsOf, isPlain } from './fields.ts';
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
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Texts>>>>;
}

export interface PolicyDocument {
  readonly Statement: readonly PolicyStatement[];
}

const STATEMENT = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/** Reads a policy document whose intrinsics are resolved. Throws PlanError for what its grammar does not have. */
export function readPolicy(value: unknown, where: string): PolicyDocument {
  const document = fieldsOf(value, where, ['Version', 'Id', 'Statement']);
  document.oneOf('Version', '2012-10-17');
  const statements = listed((value as Record<string, unknown>).Statement);
  return {
    Statement: statements.map((each, index) =>
      readStatement(fieldsOf(each, `${where}.Statement[${index}]`, STATEMENT), each),
    ),
  };
}

function readStatement(fields: Fields, statement: unknown): PolicyStatement {
  const given = statement as Readonly<Record<string, unknown>>;
  const has = (key: string) => given[key] !== undefined;
  for (const [one, other] of [
    ['Action', 'NotAction'],
    ['Resource', 'NotResource'],
  ] as const) {
    if (has(one) === has(other)) throw new PlanError(`${fields.where}.${one}`, `or ${other} was expected`);
  }
  const lists = ['Action', 'NotAction', 'Resource', 'NotResource'].filter(has);
  fields.required('Effect');
  return {
    Effect: fields.oneOf('Effect', 'Allow', 'Deny'),
    ...Object.fromEntries(lists.map((key) => [key, texts(given[key], `${fields.where}.${key}`)])),
    ...(has('Condition') && { Condition: readCondition(fields) }),
  };
}

function readCondition(fields: Fields): Readonly<Record<string, Readonly<Record<string, Texts>>>> {
  const where = `${fields.where}.Condition`;
  const operators = Object.entries(fields.record('Condition') ?? {}).map(([operator, keys]) => {
    if (!isPlain(keys)) throw new PlanError(`${where}.${operator}`, 'an object was expected');
    const values = Object.entries(keys).map(([key, each]) => [
      key,
      texts(each, `${where}.${operator}.${key}`),
    ]);
    return [operator, Object.fromEntries(values)];
  });
  return Object.fromEntries(operators);
}

/** Text, numbers and booleans, alone or in a list, as a list of texts. */
function texts(value: unknown, where: string): Texts {
  return listed(value).map((each) => {
    if (typeof each === 'object') throw new PlanError(where, 'text or a list of texts was expected');
    return String(each);
  });
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
