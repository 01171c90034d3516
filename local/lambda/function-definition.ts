import type { Identity } from '../ports.ts';

/** A Lambda function as the template declares it. Times in seconds, memory in MB. */
export interface FunctionDefinition {
  readonly name: string;
  /** The folder of the unzipped bundle. */
  readonly codeDir: string;
  /** `path/to/module.export`, relative to `codeDir`. */
  readonly handler: string;
  /** For example `nodejs24.x`. */
  readonly runtime: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleName: string;
  /** The role's ARN, with its path. */
  readonly roleArn?: string;
  /** The folders of the unzipped layers, in the order in which they lie over each other. */
  readonly layers?: readonly string[];
  /** The SQS queue that gets the record of an asynchronous event whose retries are exhausted. */
  readonly onFailureArn?: string;
  /** 0 to 2; AWS's default is 2. */
  readonly maximumRetryAttempts?: number;
  /** 60 to 21600; AWS's default is 21600. */
  readonly maximumEventAgeSeconds?: number;
}

export function functionArn(identity: Identity, name: string): string {
  return `arn:aws:lambda:${identity.region}:${identity.account}:function:${name}`;
}

export function roleArn(identity: Identity, roleName: string): string {
  return `arn:aws:iam::${identity.account}:role/${roleName}`;
}

/** The function's name in any form that Invoke takes: name, partial ARN or ARN, with or without a qualifier. */
export function functionNameOf(reference: string): string {
  const parts = reference.split(':');
  const at = parts.lastIndexOf('function');
  return (at >= 0 ? parts[at + 1] : parts[0]) ?? reference;
}
