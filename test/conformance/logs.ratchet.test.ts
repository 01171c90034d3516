/** `ratchet logs`, as a person reads it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startFunctions } from './lambda.functions.ts';
import type { BareCloud } from './support/bare-cloud.ts';

const LAUNCH = join(import.meta.dirname, '../../cli/launch.mjs');

let cloud: BareCloud;

const say = async (...lines: string[]) => {
  const lambda = new LambdaClient(cloud.client);
  await lambda.send(new InvokeCommand({ FunctionName: 'say', Payload: JSON.stringify({ lines }) }));
  await lambda.send(new InvokeCommand({ FunctionName: 'fail' }));
  lambda.destroy();
};

const commandLine = (...args: string[]) => [LAUNCH, 'logs', '--dir', cloud.dir, ...args];

const logs = async (...args: string[]): Promise<string[]> => {
  const { stdout } = await promisify(execFile)(process.execPath, commandLine(...args));
  // Without the times.
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} {2}/, ''));
};

beforeAll(async () => {
  cloud = await startFunctions();
  await say('plain', JSON.stringify({ level: 'error', message: 'It is bad', run: 'r-1' }));
});

afterAll(() => cloud?.close());

it('shows one function: its name, its messages without what repeats, JSON as a sentence and its fields', async () => {
  expect(await logs('say')).toEqual([
    expect.stringMatching(/^say {2}INIT_START /),
    expect.stringMatching(/^say {2}START RequestId: /),
    'say  plain',
    'say  It is bad run="r-1"',
    expect.stringMatching(/^say {2}END RequestId: /),
    expect.stringMatching(/^say {2}REPORT RequestId: /),
  ]);
});

it('shows all functions in order of time, filtered by CloudWatch’s patterns', async () => {
  expect(await logs('--filter', '?plain ?"about to"')).toEqual(['say   plain', 'fail  about to fail']);
  expect(await logs('--filter', '{ $.level = error }')).toEqual(['say   It is bad run="r-1"']);
});

it('shows nothing of before --since, and says what it does not understand', async () => {
  await sleep(1_100);
  expect(await logs('--since', '1s')).toEqual(['']);
  await expect(logs('--since', 'soon')).rejects.toMatchObject({
    code: 64,
    stderr: 'ratchet: --since takes a duration like 30s, 5m, 2h or 1d, not "soon"\n',
  });
  await expect(logs('nothing')).rejects.toMatchObject({
    code: 64,
    stderr: 'ratchet: There is no function "nothing"; there are echo, exit, fail, say, spin\n',
  });
});

it('follows', async () => {
  const following = spawn(process.execPath, commandLine('say', '-f'), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  following.stdout.on('data', (chunk: Buffer) => {
    printed += chunk;
  });
  const until = async (text: string) => {
    while (!printed.includes(text)) await sleep(50);
  };
  await until('plain');
  await say('later');
  await until('later');
  await sleep(2_500);
  expect(printed.match(/later/g)).toHaveLength(1);
  following.kill();
  await once(following, 'exit');
}, 30_000);
