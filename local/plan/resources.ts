import type { RuleDeclaration, TargetDeclaration } from '../eventbridge/service.ts';
import type { Cors } from '../http-api/cors.ts';
import { functionNameOf } from '../lambda/function-definition.ts';
import type { MappingDeclaration } from '../sqs/mapping.ts';
import type { QueueDeclaration } from '../sqs/service.ts';
import { type Fields, fieldsOf } from './fields.ts';
import type { PlannedBucket, PlannedFunction, PlannedRole } from './plan.ts';
import { PlanError } from './plan-error.ts';
import { type PolicyDocument, readPolicy } from './policy.ts';

/** The properties that each resource type is read by; every other one must stand in meaningless.ts. */
export const READ_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  'AWS::S3::Bucket': ['BucketName', 'VersioningConfiguration', 'NotificationConfiguration'],
  'AWS::DynamoDB::Table': [
    'TableName',
    'BillingMode',
    'AttributeDefinitions',
    'KeySchema',
    'GlobalSecondaryIndexes',
    'LocalSecondaryIndexes',
    'ProvisionedThroughput',
  ],
  'AWS::SQS::Queue': [
    'QueueName',
    'DelaySeconds',
    'MessageRetentionPeriod',
    'RedrivePolicy',
    'VisibilityTimeout',
  ],
  'AWS::Events::EventBus': ['Name'],
  'AWS::Events::Rule': ['Name', 'EventBusName', 'EventPattern', 'ScheduleExpression', 'State', 'Targets'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::IAM::Role': ['RoleName', 'Path', 'Policies', 'ManagedPolicyArns'],
  'AWS::IAM::Policy': ['PolicyName', 'PolicyDocument', 'Roles'],
  'AWS::Lambda::Function': [
    'Code',
    'Handler',
    'Runtime',
    'FunctionName',
    'MemorySize',
    'Timeout',
    'Environment',
    'Role',
  ],
  'AWS::Lambda::EventInvokeConfig': [
    'FunctionName',
    'Qualifier',
    'DestinationConfig',
    'MaximumRetryAttempts',
    'MaximumEventAgeInSeconds',
  ],
  'AWS::Lambda::EventSourceMapping': [
    'BatchSize',
    'EventSourceArn',
    'FunctionName',
    'Enabled',
    'FunctionResponseTypes',
    'ScalingConfig',
    'MaximumBatchingWindowInSeconds',
  ],
  'AWS::ApiGatewayV2::Api': ['Name', 'ProtocolType', 'CorsConfiguration'],
  'AWS::ApiGatewayV2::Stage': ['ApiId', 'StageName'],
  'AWS::ApiGatewayV2::Integration': [
    'ApiId',
    'IntegrationType',
    'IntegrationUri',
    'PayloadFormatVersion',
    'TimeoutInMillis',
  ],
  'AWS::ApiGatewayV2::Route': ['ApiId', 'RouteKey', 'Target', 'AuthorizationType'],
  'AWS::ECR::Repository': ['RepositoryName'],
  'AWS::CodeBuild::Project': ['Name'],
};

export function readBucket(name: string, fields: Fields): PlannedBucket {
  const versioning = fields.fields('VersioningConfiguration', ['Status']);
  const notification = fields.fields('NotificationConfiguration', ['EventBridgeConfiguration']);
  const eventBridge = notification?.fields('EventBridgeConfiguration', ['EventBridgeEnabled']);
  return {
    name,
    versioned: versioning !== undefined && versioning.oneOf('Status', 'Enabled', 'Suspended') === 'Enabled',
    eventBridge: eventBridge !== undefined && (eventBridge.flag('EventBridgeEnabled') ?? true),
  };
}

export function readQueue(name: string, fields: Fields): QueueDeclaration {
  const redrive = fields.fields('RedrivePolicy', ['deadLetterTargetArn', 'maxReceiveCount']);
  return {
    name,
    visibilityTimeoutSeconds: fields.number('VisibilityTimeout'),
    delaySeconds: fields.number('DelaySeconds'),
    retentionSeconds: fields.number('MessageRetentionPeriod'),
    redrive: redrive && {
      deadLetterQueueArn: redrive.required('deadLetterTargetArn'),
      maxReceiveCount: redrive.number('maxReceiveCount') ?? 10,
    },
  };
}

export function readRule(name: string, fields: Fields): RuleDeclaration {
  return {
    name,
    bus: fields.text('EventBusName')?.split('/').at(-1) ?? 'default',
    pattern: fields.record('EventPattern'),
    schedule: fields.text('ScheduleExpression'),
    enabled: fields.oneOf('State', 'ENABLED', 'DISABLED') === 'ENABLED',
    targets: fields
      .list('Targets')
      .map((target, index) => readTarget(target, `${fields.where}.Targets[${index}]`)),
  };
}

function readTarget(value: unknown, where: string): TargetDeclaration {
  const known = ['Id', 'Arn', 'Input', 'InputPath', 'InputTransformer', 'DeadLetterConfig', 'RetryPolicy'];
  const target = fieldsOf(value, where, known);
  const transformer = target.fields('InputTransformer', ['InputPathsMap', 'InputTemplate']);
  const retry = target.fields('RetryPolicy', ['MaximumRetryAttempts', 'MaximumEventAgeInSeconds']);
  return {
    id: target.required('Id'),
    arn: target.required('Arn'),
    input: target.text('Input'),
    inputPath: target.text('InputPath'),
    inputTransformer:
      transformer && (target.record('InputTransformer') as TargetDeclaration['inputTransformer']),
    deadLetterQueueArn: target.fields('DeadLetterConfig', ['Arn'])?.text('Arn'),
    retryPolicy: retry && (target.record('RetryPolicy') as TargetDeclaration['retryPolicy']),
  };
}

export function readFunction(name: string, fields: Fields): PlannedFunction {
  const code = fields.fields('Code', ['S3Bucket', 'S3Key']);
  const variables = fields.fields('Environment', ['Variables'])?.record('Variables') ?? {};
  const runtime = fields.required('Runtime');
  if (!runtime.startsWith('nodejs'))
    throw new PlanError(`${fields.where}.Runtime`, `${runtime} cannot be run here`);
  return {
    name,
    archive: code?.required('S3Key').split('/').at(-1) ?? '',
    handler: fields.required('Handler'),
    runtime,
    timeoutSeconds: fields.number('Timeout') ?? 3,
    memoryMb: fields.number('MemorySize') ?? 128,
    environment: Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)])),
    roleName: fields.required('Role').split('/').at(-1) ?? '',
    roleArn: fields.required('Role'),
  };
}

/** How a function is invoked asynchronously, with the function's name. */
export function readInvokeConfig(fields: Fields): [string, Partial<PlannedFunction>] {
  fields.oneOf('Qualifier', '$LATEST');
  const destination = fields.fields('DestinationConfig', ['OnFailure'])?.fields('OnFailure', ['Destination']);
  const onFailureArn = destination?.required('Destination');
  if (onFailureArn && !onFailureArn.startsWith('arn:aws:sqs:')) {
    throw new PlanError(`${fields.where}.DestinationConfig`, 'only SQS destinations are understood');
  }
  const maximumRetryAttempts = fields.number('MaximumRetryAttempts');
  const maximumEventAgeSeconds = fields.number('MaximumEventAgeInSeconds');
  const config = {
    ...(onFailureArn && { onFailureArn }),
    ...(maximumRetryAttempts !== undefined && { maximumRetryAttempts }),
    ...(maximumEventAgeSeconds !== undefined && { maximumEventAgeSeconds }),
  };
  return [functionNameOf(fields.required('FunctionName')), config];
}

/** None when the mapping is disabled. */
export function readMapping(fields: Fields): MappingDeclaration[] {
  const queueArn = fields.required('EventSourceArn');
  if (!queueArn.startsWith('arn:aws:sqs:')) {
    throw new PlanError(`${fields.where}.EventSourceArn`, `${queueArn}: only SQS queues are understood`);
  }
  const mapping = {
    queueArn,
    functionName: functionNameOf(fields.required('FunctionName')),
    batchSize: fields.number('BatchSize') ?? 10,
    batchingWindowSeconds: fields.number('MaximumBatchingWindowInSeconds') ?? 0,
    maximumConcurrency: fields.fields('ScalingConfig', ['MaximumConcurrency'])?.number('MaximumConcurrency'),
    reportBatchItemFailures: fields.texts('FunctionResponseTypes').includes('ReportBatchItemFailures'),
  };
  return (fields.flag('Enabled') ?? true) ? [mapping] : [];
}

export function readRole(name: string, arn: string, fields: Fields): PlannedRole {
  const [managed] = fields.texts('ManagedPolicyArns');
  if (managed !== undefined)
    throw new PlanError(`${fields.where}.ManagedPolicyArns`, `the policy ${managed} is not understood`);
  const policies = fields.list('Policies').map((policy, index) => {
    const where = `${fields.where}.Policies[${index}]`;
    const read = fieldsOf(policy, where, ['PolicyName', 'PolicyDocument']);
    return readPolicy(read.record('PolicyDocument'), `${where}.PolicyDocument`);
  });
  return { name, arn, policies };
}

/** A policy that stands outside its roles. */
export function readAttachedPolicy(fields: Fields): { roles: readonly string[]; policy: PolicyDocument } {
  const policy = readPolicy(fields.record('PolicyDocument'), `${fields.where}.PolicyDocument`);
  return { roles: fields.texts('Roles'), policy };
}

export function readCors(fields: Fields): Cors | undefined {
  fields.oneOf('ProtocolType', 'HTTP');
  const known = [
    'AllowOrigins',
    'AllowHeaders',
    'AllowMethods',
    'ExposeHeaders',
    'AllowCredentials',
    'MaxAge',
  ];
  return fields.fields('CorsConfiguration', known) && (fields.record('CorsConfiguration') as Cors);
}
