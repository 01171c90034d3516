/** serverless.yml and its resources, read with CloudFormation's short tags spelled out ({ Ref }, { 'Fn::GetAtt' } …). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CollectionTag, parse, type ScalarTag } from 'yaml';

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: { readonly StringEquals?: Readonly<Record<string, unknown>> };
}

export interface Pattern {
  readonly source: readonly string[];
  readonly 'detail-type': readonly string[];
  readonly detail?: unknown;
}

export interface EventSource {
  readonly eventBridge?: {
    readonly eventBus?: unknown;
    readonly pattern: Pattern;
    readonly deadLetterQueueArn?: unknown;
  };
  readonly sqs?: {
    readonly arn: unknown;
    readonly functionResponseType?: string;
    readonly maximumConcurrency?: number;
  };
  readonly schedule?: { readonly rate: string };
  readonly httpApi?: {
    readonly method: string;
    readonly path: string;
    readonly authorizer?: { readonly type: string };
  };
}

export interface FunctionTemplate {
  readonly name: string;
  readonly handler: string;
  readonly timeout?: number;
  readonly layers?: readonly unknown[];
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly destinations?: { readonly onFailure?: unknown };
  readonly iamRoleStatements: readonly (string | Statement)[];
  readonly events: readonly EventSource[];
}

export interface LayerTemplate {
  readonly compatibleRuntimes: readonly string[];
  readonly compatibleArchitectures: readonly string[];
  readonly package: { readonly artifact: string };
}

export interface Resource {
  readonly Type: string;
  /** Those of rules and queues that the rules of the template look at. */
  readonly Properties: {
    readonly EventBusName?: unknown;
    readonly EventPattern?: Pattern;
    readonly VisibilityTimeout?: number;
    readonly RedrivePolicy?: unknown;
  };
}

export interface Template {
  readonly provider: {
    readonly environment: Readonly<Record<string, unknown>>;
    readonly timeout: number;
    readonly runtime: string;
    readonly architecture: string;
  };
  readonly layers: Readonly<Record<string, LayerTemplate>>;
  readonly custom: Readonly<Record<string, unknown>> & { readonly may: Readonly<Record<string, Statement>> };
  readonly functions: Readonly<Record<string, FunctionTemplate>>;
  readonly Resources: Readonly<Record<string, Resource>>;
}

const names = ['GetAtt', 'Sub', 'Join', 'Select', 'Split', 'If', 'Equals', 'Not', 'ImportValue', 'FindInMap'];
const longName = (name: string): string => (name === 'Ref' ? name : `Fn::${name}`);

const scalarTag = (name: string): ScalarTag => ({
  tag: `!${name}`,
  resolve: (text) => ({ [longName(name)]: name === 'GetAtt' ? text.split('.') : text }) as never,
});
const listTag = (name: string): CollectionTag => ({
  tag: `!${name}`,
  collection: 'seq',
  resolve: (list) => ({ [longName(name)]: (list as unknown as { toJSON(): unknown }).toJSON() }),
});

export function readTemplate(root: string): Template {
  const customTags = [scalarTag('Ref'), ...names.flatMap((name) => [scalarTag(name), listTag(name)])];
  const read = (file: string) => parse(readFileSync(join(root, file), 'utf8'), { customTags, merge: true });
  const { resources, ...service } = read('serverless.yml') as { resources: unknown[] };
  const files = resources.flatMap((entry) =>
    typeof entry === 'string' ? [/file\((.+)\)/.exec(entry)?.[1] ?? ''] : [],
  );
  const Resources = Object.assign({}, ...files.map((file) => read(file).Resources));
  return { ...service, Resources } as unknown as Template;
}

const NAMED = /^\$\{self:custom\.may\.(\w+)\}$/;

/** A function's statements, with those that it names by reference. */
export function statementsOf(template: Template, fn: FunctionTemplate): Statement[] {
  return fn.iamRoleStatements.map((entry) => {
    const statement = typeof entry === 'string' ? template.custom.may[NAMED.exec(entry)?.[1] ?? ''] : entry;
    if (!statement) throw new Error(`${fn.name} names no statement: ${JSON.stringify(entry)}`);
    return statement;
  });
}

export const actionsOf = ({ Action }: Pick<Statement, 'Action'>): readonly string[] =>
  typeof Action === 'string' ? [Action] : Action;

export const serviceOf = ({ handler }: FunctionTemplate): string => handler.split('/')[1] ?? '';

/** Every statement in a policy of the template's own roles. */
export function resourceStatements({ Resources }: Template): Statement[] {
  const found: Statement[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('Effect' in value && 'Action' in value) found.push(value as Statement);
    for (const member of Object.values(value)) walk(member);
  };
  walk(Resources);
  return found;
}
