/** curl, as Debian has it. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { OutsideClient } from '../../support/outside-client.ts';

const { stdout } = spawnSync('curl', ['--version'], { encoding: 'utf8' });
const version = /^curl (\S+)/.exec(stdout ?? '')?.[1];

export const CURL: OutsideClient = {
  name: `curl ${version ?? ''}`.trim(),
  missing: version ? undefined : 'curl is missing; install it with "apt-get install curl"',
};

export interface CurlAnswer {
  readonly status: number;
  /** By name in lower case; what comes more than once in order. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

/** Runs `curl …args`, and gives the last answer. */
export async function curl(...args: readonly string[]): Promise<CurlAnswer> {
  const { stdout } = await promisify(execFile)('curl', ['--silent', '--show-error', '--include', ...args], {
    maxBuffer: 64 * 1024 ** 2,
  });
  const [head = '', body = ''] = stdout.replace(/^HTTP\/1\.1 100 .*\r\n\r\n/, '').split(/\r\n\r\n(.*)/s);
  const [line = '', ...rest] = head.split('\r\n');
  const headers = rest.map((each) => each.split(/:\s*(.*)/s) as [string, string]);
  const byName = Map.groupBy(headers, ([name]) => name.toLowerCase());
  return {
    status: Number(line.split(' ')[1]),
    headers: Object.fromEntries([...byName].map(([name, all]) => [name, all.map(([, value]) => value)])),
    body,
  };
}
