/** Debian's AWS CLI (package awscli, 2.9), which knows no AWS_ENDPOINT_URL and speaks the Query protocol to SQS. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OutsideClient } from '../../support/outside-client.ts';

/** Where Debian puts it; another `aws` on the PATH may be anything. */
const AWS = '/usr/bin/aws';
const MAX_OUTPUT_BYTES = 64 * 1024 ** 2;

export const AWS_CLI: OutsideClient = {
  name: `AWS CLI ${versionOf(AWS) ?? '(Debian)'}`,
  missing: existsSync(AWS) ? undefined : `${AWS} is missing; install it with "apt-get install awscli"`,
};

export interface AwsCli {
  /** The folder that commands run in; gone after `close`. */
  readonly dir: string;
  /** Runs `aws …args` and gives what it printed; throws with what it complained of in `stderr`. */
  run(...args: readonly string[]): Promise<string>;
  /** The same where the answer is JSON. */
  json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T>;
  close(): void;
}

export interface AwsCliOptions {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
}

export function createAwsCli(endpoint: string, options: AwsCliOptions = {}): AwsCli {
  const dir = mkdtempSync(join(tmpdir(), 'ratchet-aws-cli-'));
  const env = {
    HOME: dir,
    PATH: '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    AWS_ACCESS_KEY_ID: options.accessKeyId ?? 'anyone',
    AWS_SECRET_ACCESS_KEY: options.secretAccessKey ?? 'anything',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_DEFAULT_OUTPUT: 'json',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
  };
  const run = async (...args: readonly string[]): Promise<string> => {
    const all = ['--endpoint-url', endpoint, ...args];
    const { stdout } = await promisify(execFile)(AWS, all, { env, cwd: dir, maxBuffer: MAX_OUTPUT_BYTES });
    return stdout;
  };
  return {
    dir,
    run,
    json: async <T>(...args: readonly string[]) => JSON.parse(await run(...args)) as T,
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function versionOf(program: string): string | undefined {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return /aws-cli\/(\d+\.\d+\.\d+)/.exec(stdout ?? '')?.[1];
}
