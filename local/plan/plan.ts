import type { RuleDeclaration } from '../eventbridge/service.ts';
import type { Cors } from '../http-api/cors.ts';
import type { Route } from '../http-api/route.ts';
import type { FunctionDefinition } from '../lambda/function-definition.ts';
import type { BucketSettings } from '../s3/buckets.ts';
import type { MappingDeclaration } from '../sqs/mapping.ts';
import type { QueueDeclaration } from '../sqs/service.ts';
import type { PolicyDocument } from './policy.ts';

/** A zip file of the package: a function's bundle or a layer. */
export interface PlannedArchive {
  readonly name: string;
  readonly archive: string;
}

export interface PlannedFunction extends Omit<FunctionDefinition, 'codeDir' | 'layers'>, PlannedArchive {
  readonly layers: readonly PlannedArchive[];
}

export interface PlannedBucket extends BucketSettings {
  readonly name: string;
}

/** As CreateTable takes it. */
export type PlannedTable = { readonly TableName: string } & Readonly<Record<string, unknown>>;

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
  readonly tables: readonly PlannedTable[];
  readonly functions: readonly PlannedFunction[];
  /** Those that are enabled. */
  readonly mappings: readonly MappingDeclaration[];
  readonly roles: readonly PlannedRole[];
  readonly routes: readonly Route[];
  readonly cors: Cors | undefined;
  readonly outputs: Readonly<Record<string, string>>;
}
