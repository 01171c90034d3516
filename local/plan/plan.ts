import type { RuleDeclaration } from '../eventbridge/service.ts';
import type { Cors } from '../http-api/cors.ts';
import type { Route } from '../http-api/route.ts';
import type { FunctionDefinition } from '../lambda/function-definition.ts';
import type { BucketSettings } from '../s3/buckets.ts';
import type { MappingDeclaration } from '../sqs/mapping.ts';
import type { QueueDeclaration } from '../sqs/service.ts';
import type { PolicyDocument } from './policy.ts';

export interface PlannedFunction extends Omit<FunctionDefinition, 'codeDir'> {
  /** The bundle's zip. */
  readonly archive: string;
}

export interface PlannedBucket extends BucketSettings {
  readonly name: string;
}

export interface PlannedRole {
  readonly name: string;
  readonly arn: string;
  /** Its inline policies and those attached to it. */
  readonly policies: readonly PolicyDocument[];
}

/** Everything that the packaged template asks for, resolved, in the terms of the embedded cloud's services. */
export interface Plan {
  readonly buckets: readonly PlannedBucket[];
  readonly buses: readonly string[];
  readonly rules: readonly RuleDeclaration[];
  readonly queues: readonly QueueDeclaration[];
  /** As CreateTable takes them. */
  readonly tables: readonly ({ readonly TableName: string } & Readonly<Record<string, unknown>>)[];
  readonly functions: readonly PlannedFunction[];
  /** Those that are enabled. */
  readonly mappings: readonly MappingDeclaration[];
  readonly roles: readonly PlannedRole[];
  readonly routes: readonly Route[];
  readonly cors?: Cors;
  readonly logGroups: readonly string[];
  readonly repositories: readonly string[];
  readonly buildProjects: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
}
