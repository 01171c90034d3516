import { AwsError } from '../aws-error.ts';
import type { Identity } from '../ports.ts';

/** A Lambda function as the template declares it. Times in seconds, memory in MB. */
export interface FunctionDefinition {
  readonly name: string;
  /** The folder of the unzipped bundle. */
  readonly codeDir: string;
  /** The folders of the unzipped layers, in the template's order: the last stands over the others. Each plays `/opt`
   * (see runtime-variables.ts). */
  readonly layers?: readonly string[];
  /** `path/to/module.export`, relative to `codeDir`. */
  readonly handler: string;
  /** For example `nodejs24.x`. */
  readonly runtime: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleName: string;
  /** The role's ARN, with its path; made from `roleName` when left out. */
  readonly roleArn?: string;
  /** The SQS queue that gets the record of an asynchronous event whose retries are exhausted. */
  readonly onFailureArn?: string | undefined;
  /** 0 to 2; AWS's default is 2. */
  readonly maximumRetryAttempts?: number | undefined;
  /** 60 to 21600; AWS's default is 21600. */
  readonly maximumEventAgeSeconds?: number | undefined;
}

/** The variables that a function's configuration may not set
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). */
export const RESERVED_VARIABLES: ReadonlySet<string> = new Set([
  ...['_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_EXECUTION_ENV'],
  ...['AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION'],
  ...['AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME'],
  ...['AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
  ...['AWS_LAMBDA_RUNTIME_API', 'AWS_LAMBDA_MAX_CONCURRENCY', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'],
  ...['AWS_LAMBDA_METADATA_API', 'AWS_LAMBDA_METADATA_TOKEN'],
]);

/** Throws InvalidParameterValueException for a variable that Lambda reserves, worded as AWS does. */
export function refuseReservedVariables({ name, environment }: FunctionDefinition): void {
  const used = Object.keys(environment).filter((key) => RESERVED_VARIABLES.has(key));
  if (used.length === 0) return;
  throw new AwsError(
    'InvalidParameterValueException',
    `${name}: Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${used.join(', ')}`,
  );
}

export function functionArn(identity: Identity, name: string): string {
  return `arn:aws:lambda:${identity.region}:${identity.account}:function:${name}`;
}

export const logGroupOf = (functionName: string): string => `/aws/lambda/${functionName}`;

export function roleArn(identity: Identity, definition: FunctionDefinition): string {
  return definition.roleArn ?? `arn:aws:iam::${identity.account}:role/${definition.roleName}`;
}

/** The function's name in any form that Invoke takes: name, partial ARN or ARN, with or without a qualifier. */
export function functionNameOf(reference: string): string {
  const parts = reference.split(':');
  const at = parts.lastIndexOf('function');
  return (at >= 0 ? parts[at + 1] : parts[0]) ?? reference;
}
