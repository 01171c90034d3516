import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import type { Identity } from '../ports.ts';
import type { FunctionDefinition } from './function-definition.ts';

/** AWS's runtime client, the program of every function process. */
const RUNTIME_CLIENT = createRequire(import.meta.url).resolve('aws-lambda-ric');
const BOOTSTRAP = new URL('./bootstrap.mjs', import.meta.url);
const MAX_SEMI_SPACE_MB = 32;

/** What a function's process signs its calls with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface RuntimeHost {
  readonly dir: string;
  readonly identity: Identity;
  /** Given to every function, before the function's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly credentialsFor: (definition: FunctionDefinition) => Credentials;
  /** `host:port` of the runtime API. */
  readonly runtimeApi: string;
  readonly logGroup: string;
  readonly logStream: string;
  /** The process's own temporary folder. */
  readonly scratch: string;
}

/** The access key names the role, so that calls can be told apart by role. */
export const roleCredentials = ({ roleName }: FunctionDefinition): Credentials => ({
  accessKeyId: `role.${roleName}`,
  secretAccessKey: 'local',
  sessionToken: `session.${roleName}`,
});

/** Node's arguments: the heap limits of AWS's own bootstrap, 90 % of the memory for the old generation and 5 % for the
 * young one (the latter bounded, because here many functions share one machine's memory), and our bootstrap, which is
 * told the layers. */
export function runtimeArguments({ memoryMb, layers = [] }: FunctionDefinition): string[] {
  const bootstrap = new URL(BOOTSTRAP);
  for (const layer of layers.toReversed()) bootstrap.searchParams.append('opt', layer);
  return [
    `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
    `--max-semi-space-size=${Math.min(MAX_SEMI_SPACE_MB, Math.max(1, Math.floor(memoryMb * 0.05)))}`,
    `--import=${bootstrap}`,
    RUNTIME_CLIENT,
  ];
}

/** The variables of the real runtime (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html);
 * nothing of the host's but PATH. Layers are unpacked side by side, each in place of `/opt`: their `nodejs/node24/
 * node_modules` and `nodejs/node_modules` stand on NODE_PATH, `bin` on PATH, `lib` on LD_LIBRARY_PATH, and modules
 * are found as `/opt/…` too; only files that are opened as `/opt/…` are not. */
export function runtimeVariables(definition: FunctionDefinition, host: RuntimeHost): Record<string, string> {
  const { region } = host.identity;
  const { accessKeyId, secretAccessKey, sessionToken } = host.credentialsFor(definition);
  const layers = definition.layers?.toReversed() ?? [];
  const inLayers = (...folders: string[]) =>
    layers.flatMap((layer) => folders.map((folder) => join(layer, folder)));
  const nodeVersion = definition.runtime.replace(/^nodejs(\d+).*/, 'node$1');
  return {
    PATH: [...inLayers('bin'), process.env.PATH ?? ''].join(delimiter),
    LD_LIBRARY_PATH: [...inLayers('lib'), definition.codeDir, join(definition.codeDir, 'lib')].join(
      delimiter,
    ),
    NODE_PATH: [
      ...inLayers(`nodejs/${nodeVersion}/node_modules`, 'nodejs/node_modules'),
      definition.codeDir,
    ].join(delimiter),
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    TMPDIR: host.scratch,
    NODE_COMPILE_CACHE: join(host.dir, 'compile-cache'),
    ...host.environment,
    ...definition.environment,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_LAMBDA_RUNTIME_API: host.runtimeApi,
    AWS_EXECUTION_ENV: `AWS_Lambda_${definition.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: host.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: host.logStream,
    LAMBDA_TASK_ROOT: definition.codeDir,
    LAMBDA_RUNTIME_DIR: join(RUNTIME_CLIENT, '..'),
    _HANDLER: definition.handler,
  };
}
