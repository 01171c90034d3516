import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import type { Identity } from '../ports.ts';
import type { FunctionDefinition } from './function-definition.ts';

/** AWS's runtime client, the program of every function process. */
export const RUNTIME_CLIENT = createRequire(import.meta.url).resolve('aws-lambda-ric');

const MAX_SEMI_SPACE_MB = 32;

export interface RuntimeHost {
  readonly dir: string;
  readonly identity: Identity;
  /** Given to every function, before the function's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** `host:port` of the runtime API. */
  readonly runtimeApi: string;
  /** The process's own temporary folder. */
  readonly scratch: string;
}

/** The heap limits of AWS's own Node bootstrap, 90 % of the memory for the old generation and 5 % for the young one;
 * the latter bounded, because here many functions share one machine's memory. */
export function memoryFlags(memoryMb: number): string[] {
  return [
    `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
    `--max-semi-space-size=${Math.min(MAX_SEMI_SPACE_MB, Math.max(1, Math.floor(memoryMb * 0.05)))}`,
  ];
}

/** The variables of the real runtime (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html);
 * nothing of the host's but PATH. The access key names the role, so that calls can be told apart by role. */
export function runtimeVariables(definition: FunctionDefinition, host: RuntimeHost): Record<string, string> {
  const { region } = host.identity;
  return {
    PATH: process.env.PATH ?? '',
    LANG: 'en_US.UTF-8',
    TZ: 'UTC',
    TMPDIR: host.scratch,
    NODE_COMPILE_CACHE: join(host.dir, 'compile-cache'),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: `role.${definition.roleName}`,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: `session.${definition.roleName}`,
    ...host.environment,
    ...definition.environment,
    AWS_LAMBDA_RUNTIME_API: host.runtimeApi,
    AWS_EXECUTION_ENV: `AWS_Lambda_${definition.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `[$LATEST]${host.scratch.slice(-12)}`,
    LAMBDA_TASK_ROOT: definition.codeDir,
    LAMBDA_RUNTIME_DIR: join(RUNTIME_CLIENT, '..'),
    _HANDLER: definition.handler,
  };
}
