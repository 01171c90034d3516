import { join } from 'node:path';
import type { Target } from '../eventbridge/rule.ts';
import type { RuleDeclaration } from '../eventbridge/service.ts';
import type { Cors } from '../http-api/cors.ts';
import type { Route } from '../http-api/route.ts';
import { functionNameOf, RESERVED_VARIABLES } from '../lambda/function-definition.ts';
import type { MappingDeclaration } from '../sqs/mapping.ts';
import type { QueueDeclaration } from '../sqs/service.ts';
import { type Fields, mapOf, present, textOf } from './fields.ts';
import type { Named } from './naming.ts';
import type { PlannedArchive, PlannedBucket, PlannedFunction, PlannedTable } from './plan.ts';
import { PlanError } from './plan-error.ts';

/** The readers of the resource types: what they do not ask for is refused, unless meaningless.ts lists it. */

export function readBucket(fields: Fields, { name }: Named): PlannedBucket {
  const versioning = fields.object('VersioningConfiguration', (inner) =>
    inner.oneOf('Status', ['Enabled', 'Suspended']),
  );
  const eventBridge = fields.object('NotificationConfiguration', (inner) =>
    inner.object('EventBridgeConfiguration', (configuration) =>
      configuration.flag('EventBridgeEnabled', true),
    ),
  );
  return { name, versioned: versioning === 'Enabled', eventBridge: eventBridge ?? false };
}

export function readTable(fields: Fields, { name }: Named): PlannedTable {
  const keySchema = (of: Fields) =>
    of.objects('KeySchema', (key) => ({
      AttributeName: key.required('AttributeName'),
      KeyType: key.required('KeyType'),
    }));
  return {
    TableName: name,
    BillingMode: fields.oneOf('BillingMode', ['PAY_PER_REQUEST']),
    AttributeDefinitions: fields.objects('AttributeDefinitions', (attribute) => ({
      AttributeName: attribute.required('AttributeName'),
      AttributeType: attribute.required('AttributeType'),
    })),
    KeySchema: keySchema(fields),
    GlobalSecondaryIndexes: fields.objects('GlobalSecondaryIndexes', (index) => ({
      IndexName: index.required('IndexName'),
      KeySchema: keySchema(index),
      Projection: index.object('Projection', (projection) => ({
        ProjectionType: projection.required('ProjectionType'),
        NonKeyAttributes: projection.texts('NonKeyAttributes'),
      })),
    })),
  };
}

export function readQueue(fields: Fields, { name }: Named): QueueDeclaration {
  const redrive = fields.object('RedrivePolicy', (policy) => ({
    deadLetterTargetArn: policy.required('deadLetterTargetArn'),
    maxReceiveCount: policy.number('maxReceiveCount') ?? 10,
  }));
  const attributes = {
    VisibilityTimeout: fields.number('VisibilityTimeout'),
    DelaySeconds: fields.number('DelaySeconds'),
    MessageRetentionPeriod: fields.number('MessageRetentionPeriod'),
    RedrivePolicy: redrive && JSON.stringify(redrive),
  };
  return { name, attributes };
}

export function readRule(fields: Fields, { name }: Named): RuleDeclaration {
  return {
    name,
    bus: fields.text('EventBusName')?.split('/').at(-1) ?? 'default',
    pattern: fields.member('EventPattern', (value, where) => mapOf(value, where, (each) => each)),
    schedule: fields.text('ScheduleExpression'),
    enabled: fields.oneOf('State', ['ENABLED', 'DISABLED'], 'ENABLED') === 'ENABLED',
    targets: fields.objects('Targets', readTarget) ?? [],
  };
}

/** As PutTargets spells it. */
function readTarget(target: Fields): Target {
  return {
    Id: target.required('Id'),
    Arn: target.required('Arn'),
    Input: target.text('Input'),
    InputPath: target.text('InputPath'),
    InputTransformer: target.object('InputTransformer', (transformer) => ({
      InputPathsMap: transformer.map('InputPathsMap', textOf),
      InputTemplate: transformer.required('InputTemplate'),
    })),
    DeadLetterConfig: target.object('DeadLetterConfig', (config) => ({ Arn: config.required('Arn') })),
    RetryPolicy: target.object('RetryPolicy', (retry) => ({
      MaximumRetryAttempts: retry.number('MaximumRetryAttempts'),
      MaximumEventAgeInSeconds: retry.number('MaximumEventAgeInSeconds'),
    })),
  } as Target;
}

const archiveOf = (packageDir: string, code: Fields): string =>
  join(packageDir, code.required('S3Key').split('/').at(-1) ?? '');

/** A layer, by its ARN. */
export const readLayer =
  (packageDir: string) =>
  (fields: Fields, { name, ref }: Named): [string, PlannedArchive] => {
    const archive = fields.object('Content', (code) => archiveOf(packageDir, code));
    return [ref, { name, archive: present(archive, fields.at('Content')) }];
  };

export interface FunctionParts {
  readonly packageDir: string;
  readonly layers: ReadonlyMap<string, PlannedArchive>;
  /** By the function's name. */
  readonly invokeConfigs: ReadonlyMap<string, InvokeConfig>;
}

type InvokeConfig = Pick<PlannedFunction, 'onFailureArn' | 'maximumRetryAttempts' | 'maximumEventAgeSeconds'>;

export const readFunction =
  ({ packageDir, layers, invokeConfigs }: FunctionParts) =>
  (fields: Fields, { name }: Named): PlannedFunction => {
    const runtime = fields.required('Runtime');
    if (!runtime.startsWith('nodejs'))
      throw new PlanError(fields.at('Runtime'), `${runtime} cannot be run here`);
    const archive = fields.object('Code', (code) => archiveOf(packageDir, code));
    const roleArn = fields.required('Role');
    return {
      name,
      archive: present(archive, fields.at('Code')),
      layers: (fields.texts('Layers') ?? []).map((arn) =>
        present(layers.get(arn), `${fields.at('Layers')}: the layer ${arn}`),
      ),
      handler: fields.required('Handler'),
      runtime,
      timeoutSeconds: fields.number('Timeout') ?? 3,
      memoryMb: fields.number('MemorySize') ?? 128,
      environment: fields.object('Environment', (inner) => inner.map('Variables', readVariable)) ?? {},
      roleName: roleArn.split('/').at(-1) ?? '',
      roleArn,
      ...invokeConfigs.get(name),
    };
  };

type Names = ReadonlySet<string>;

/** The name of a function of the template. */
function functionOf(fields: Fields, key: string, functions: Names): string {
  const name = functionNameOf(fields.required(key));
  if (functions.has(name)) return name;
  throw new PlanError(fields.at(key), `the template has no function ${name}`);
}

function readVariable(value: unknown, where: string, name: string): string {
  if (RESERVED_VARIABLES.has(name)) throw new PlanError(where, 'Lambda reserves this variable');
  return textOf(value, where);
}

/** How a function is invoked asynchronously, with the function's name. */
export const readInvokeConfig =
  (functions: Names, queues: Names) =>
  (fields: Fields): [string, InvokeConfig] => {
    fields.oneOf('Qualifier', ['$LATEST']);
    const onFailureArn = fields.object('DestinationConfig', (config) =>
      config.object('OnFailure', (destination) => queueArn(destination, 'Destination', queues)),
    );
    const maximumRetryAttempts = fields.number('MaximumRetryAttempts');
    const maximumEventAgeSeconds = fields.number('MaximumEventAgeInSeconds');
    const config = { onFailureArn, maximumRetryAttempts, maximumEventAgeSeconds };
    return [functionOf(fields, 'FunctionName', functions), config];
  };

/** None when the mapping is disabled. */
export const readMapping =
  (functions: Names, queues: Names) =>
  (fields: Fields): MappingDeclaration[] => {
    const mapping = {
      queueArn: queueArn(fields, 'EventSourceArn', queues),
      functionName: functionOf(fields, 'FunctionName', functions),
      batchSize: fields.number('BatchSize') ?? 10,
      batchingWindowSeconds: fields.number('MaximumBatchingWindowInSeconds') ?? 0,
      maximumConcurrency: fields.object('ScalingConfig', (scaling) => scaling.number('MaximumConcurrency')),
      reportBatchItemFailures:
        fields.texts('FunctionResponseTypes', ['ReportBatchItemFailures']) !== undefined,
    };
    return fields.flag('Enabled', true) ? [mapping] : [];
  };

/** The ARN of a queue of the template. */
function queueArn(fields: Fields, key: string, queues: Names): string {
  const arn = fields.required(key);
  if (arn.startsWith('arn:aws:sqs:') && queues.has(arn.split(':').at(-1) ?? '')) return arn;
  throw new PlanError(fields.at(key), `${arn}: only queues of the template are understood`);
}

export function readCors(fields: Fields): Cors | undefined {
  fields.oneOf('ProtocolType', ['HTTP']);
  return fields.object('CorsConfiguration', (cors) => ({
    AllowOrigins: cors.texts('AllowOrigins'),
    AllowHeaders: cors.texts('AllowHeaders'),
    AllowMethods: cors.texts('AllowMethods'),
    ExposeHeaders: cors.texts('ExposeHeaders'),
    AllowCredentials: cors.flag('AllowCredentials', false),
    MaxAge: cors.number('MaxAge'),
  }));
}

type RouteTarget = Pick<Route, 'functionName' | 'timeoutMs'>;

/** What an integration calls, by the integration's id. */
export const readIntegration =
  (functions: Names) =>
  (fields: Fields, { ref }: Named): [string, RouteTarget] => {
    fields.required('ApiId');
    fields.oneOf('IntegrationType', ['AWS_PROXY']);
    fields.oneOf('PayloadFormatVersion', ['2.0']);
    const functionName = functionOf(fields, 'IntegrationUri', functions);
    return [ref, { functionName, timeoutMs: fields.number('TimeoutInMillis') }];
  };

export const readRoute =
  (integrations: ReadonlyMap<string, RouteTarget>) =>
  (fields: Fields): Route => {
    fields.required('ApiId');
    const integration = integrations.get(fields.required('Target').replace('integrations/', ''));
    const [method = '', path = method] = fields.required('RouteKey').split(' ');
    return {
      method,
      path,
      ...present(integration, `${fields.at('Target')}: the integration`),
      authorization: fields.oneOf('AuthorizationType', ['NONE', 'AWS_IAM'], 'NONE'),
    };
  };
