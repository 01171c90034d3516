/** Where a running Ratchet is: what `ratchet dev` wrote into its folder. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError, exitCode } from './exit.ts';
import type { Credentials } from './sign.ts';

export interface Connection {
  readonly awsEndpoint: string;
  readonly apiUrl: string;
  readonly dropBucket: string;
  readonly artifactsBucket: string;
  readonly busName: string;
  readonly tableName: string;
  /** Where signatures must be right. */
  readonly credentials?: Credentials;
}

export const defaultFolder = '.ratchet';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Throws when no Ratchet runs on the folder, saying how to start one. */
export function connectionOf(folder: string): Connection {
  const path = join(folder, 'cloud.json');
  const hint = `start one with "npm run dev${folder === defaultFolder ? '' : ` -- --dir ${folder}`}"`;
  if (!existsSync(path)) throw new CliError(`No Ratchet runs in ${folder}; ${hint}`, exitCode.unavailable);
  const { pid, ...connection } = JSON.parse(readFileSync(path, 'utf8')) as Connection & { pid: number };
  if (!isAlive(pid))
    throw new CliError(`The Ratchet in ${folder} has stopped; ${hint}`, exitCode.unavailable);
  return connection;
}

/** Any key with any secret is the account of the embedded cloud, unless it wants signatures that are right. */
export const credentials: Credentials = { accessKeyId: 'ratchet', secretAccessKey: 'ratchet' };
export const region = 'us-east-1';

/** What there is to tell of a connection, a row each. */
export function rowsOf({ credentials: own, ...places }: Connection): [name: string, value: string][] {
  return Object.entries({ ...places, ...own });
}
