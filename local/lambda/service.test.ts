import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { AwsError } from '../aws-error.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { createLambda, type LambdaOptions, type LambdaService } from './service.ts';

const HANDLERS = `
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
let count = 0;
export const echo = async (event, context) => {
  console.log('seen', event.word);
  const { getRemainingTimeInMillis, ...fields } = context;
  return { event, count: ++count, pid: process.pid, env: { ...process.env }, left: getRemainingTimeInMillis(), context: fields, zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
};
export const fail = async (event) => { appendFileSync(event.file, 'x'); throw new TypeError('no good'); };
export const mark = async (event) => { appendFileSync(event.file, event.word); };
export const slow = async (event) => { await new Promise((r) => setTimeout(r, event.ms)); return process.pid; };
export const spin = async () => { for (;;); };
export const exit = async () => process.exit(3);
export const leave = async () => process.exit(0);
export const crash = async () => { setTimeout(() => { throw new Error('out of turn'); }); await new Promise((r) => setTimeout(r, 5_000)); };
export const exhaust = async () => { const all = []; for (;;) all.push(new Array(1e6).fill({})); };
export const say = async () => { console.log('one\\ntwo'); process.stdout.write('half'); console.error(new Error('shown')); };
export const large = async () => 'a'.repeat(6_291_556);
export const parent = async (event) => {
  appendFileSync(event.file, String(spawn('sleep', ['1000'], { stdio: 'ignore' }).pid));
  setInterval(() => existsSync(event.file + '-exit') && process.exit(1), 10);
  await new Promise((r) => setTimeout(r, 60_000));
};
export const hold = async (event) => { appendFileSync(event.file, String(process.pid)); await new Promise((r) => setTimeout(r, 60_000)); };
`;

let dir: string;
let lambda: LambdaService;
let logged: { group: string; stream: string; message: string }[];
let messages: { queue: string; body: Record<string, unknown> }[];

function definition(name: string, more: Partial<FunctionDefinition> = {}): FunctionDefinition {
  return {
    name,
    codeDir: join(dir, 'code'),
    handler: `handlers.${name}`,
    runtime: 'nodejs24.x',
    timeoutSeconds: 10,
    memoryMb: 128,
    environment: { OWN: 'yes' },
    roleName: `role-of-${name}`,
    ...more,
  };
}

function host(more: Partial<LambdaOptions> = {}): LambdaService {
  return createLambda({
    dir: join(dir, 'lambda'),
    // Retries come after 60 and 120 ms; the six hours of an event's life are still 21 s.
    clock: { now: Date.now, scale: 1_000 },
    identity: { account: '000000000000', region: 'us-east-1' },
    environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' },
    sendToQueue: async (queue, body) => void messages.push({ queue, body: JSON.parse(body) }),
    appendLog: (group, stream, message) => void logged.push({ group, stream, message }),
    maxWarm: 3,
    idleMs: 60_000,
    ...more,
  });
}

async function invoke(name: string, event: unknown): Promise<unknown> {
  const result = await lambda.invoke(name, JSON.stringify(event));
  expect(result.functionError).toBeUndefined();
  return JSON.parse(result.payload);
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 4_000) throw new Error('It did not come to pass within 20 s.');
    await sleep(5);
  }
}

const logOf = (name: string) =>
  logged
    .filter(({ group }) => group === `/aws/lambda/${name}`)
    .map(({ message }) => message)
    .join('');

function runs(pid: number): boolean {
  try {
    // A zombie has ended; it only waits for its parent.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lambda-'));
  mkdirSync(join(dir, 'code'));
  writeFileSync(join(dir, 'code', 'handlers.mjs'), HANDLERS);
  writeFileSync(join(dir, 'code', 'stillborn.mjs'), 'process.exit(7);');
  messages = [];
  logged = [];
  lambda = host();
});

afterEach(async () => {
  await lambda.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('an invocation', () => {
  it('runs the handler under the environment of the real runtime and nothing of the host', async () => {
    lambda.define(definition('echo'));
    process.env.HOST_SECRET = 'not yours';
    const answer = (await invoke('echo', { word: 'hello' })) as {
      env: object;
      left: number;
      context: { logStreamName: string };
    };
    delete process.env.HOST_SECRET;
    expect(answer).toMatchObject({
      event: { word: 'hello' },
      zone: 'UTC',
      context: {
        functionName: 'echo',
        functionVersion: '$LATEST',
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:echo',
        memoryLimitInMB: '128',
        awsRequestId: expect.stringMatching(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/),
        logGroupName: '/aws/lambda/echo',
        logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      },
      env: {
        OWN: 'yes',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
        AWS_LAMBDA_FUNCTION_NAME: 'echo',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/echo',
        AWS_LAMBDA_LOG_STREAM_NAME: answer.context.logStreamName,
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_REGION: 'us-east-1',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'role.role-of-echo',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_SESSION_TOKEN: 'session.role-of-echo',
        _X_AMZN_TRACE_ID: expect.stringMatching(
          /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
        ),
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        LAMBDA_TASK_ROOT: join(dir, 'code'),
        _HANDLER: 'handlers.echo',
        TZ: ':UTC',
      },
    });
    expect(answer.env).not.toHaveProperty('HOST_SECRET');
    expect(answer.left).toBeLessThanOrEqual(10_000);
    expect(answer.left).toBeGreaterThan(5_000);
  });

  it('finds the environment of the one before warm, and writes START, the output, END and REPORT', async () => {
    lambda.define(definition('echo'));
    const first = (await invoke('echo', { word: 'one' })) as { pid: number };
    const second = (await invoke('arn:aws:lambda:us-east-1:000000000000:function:echo', {
      word: 'two',
    })) as object;
    expect(second).toMatchObject({ pid: first.pid, count: 2 });
    expect(new Set(logged.map(({ group, stream }) => `${group} ${stream}`)).size).toBe(1);
    const log = logOf('echo');
    expect(log).toMatch(
      /^INIT_START Runtime Version: nodejs:24\.\S+\nSTART RequestId: (\S+) Version: \$LATEST\n\S+Z\t\1\tINFO\tseen one\nEND RequestId: \1\nREPORT RequestId: \1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t\nSTART RequestId: (\S+) .*\n.*seen two\nEND RequestId: \2\nREPORT RequestId: \2\t(?!.*Init)/,
    );
  });

  it('logs what one call of console says as one event, raw output by lines, and all of it before END', async () => {
    lambda.define(definition('say'));
    await invoke('say', {});
    const messages = logged.map(({ message }) => message);
    expect(messages.slice(2, -2)).toEqual([
      expect.stringMatching(/\tINFO\tone\ntwo\n$/),
      expect.stringMatching(/^half.*\tERROR\tError: shown\n {4}at .*\n$/s),
    ]);
    expect(messages.slice(-2)).toEqual([
      expect.stringMatching(/^END RequestId/),
      expect.stringMatching(/^REPORT RequestId/),
    ]);
  });

  it('gives concurrent events processes of their own, at most maxWarm, and queues the rest', async () => {
    lambda.define(definition('slow'));
    const pids = await Promise.all(Array.from({ length: 7 }, () => invoke('slow', { ms: 1_000 })));
    expect(new Set(pids).size).toBeGreaterThan(1);
    expect(new Set(pids).size).toBeLessThanOrEqual(3);
    expect(lambda.pids().sort()).toEqual([...new Set(pids)].sort());
  });

  it('lets a burst of short events share one process: starting another would take longer', async () => {
    lambda.define(definition('slow'));
    const pids = await Promise.all(Array.from({ length: 5 }, () => invoke('slow', { ms: 5 })));
    expect(new Set(pids).size).toBeLessThanOrEqual(2);
  });

  it('makes room for another function by ending the environment that was idle longest', async () => {
    for (const name of ['echo', 'slow', 'mark', 'exit']) lambda.define(definition(name));
    const oldest = (await invoke('echo', { word: 'x' })) as { pid: number };
    const kept = await invoke('slow', { ms: 0 });
    await invoke('mark', { file: join(dir, 'mark'), word: 'm' });
    await lambda.invoke('exit', '{}');
    await invoke('slow', { ms: 0 }).then((pid) => expect(pid).toBe(kept));
    await until(() => !runs(oldest.pid) && lambda.pids().length <= 3);
  });

  it('ends an environment that was idle for idleMs', async () => {
    await lambda.close();
    lambda = host({ idleMs: 20 });
    lambda.define(definition('slow'));
    const pid = (await invoke('slow', { ms: 0 })) as number;
    await until(() => lambda.pids().length === 0);
    expect(runs(pid)).toBe(false);
    expect(await invoke('slow', { ms: 0 })).not.toBe(pid);
  });
});

describe('a handler that fails', () => {
  /** Function, configuration, event, the answer's document, the end of the log. */
  const failures: [string, Partial<FunctionDefinition>, unknown, Record<string, unknown>, RegExp][] = [
    [
      'fail',
      {},
      { file: '/dev/null' },
      { errorType: 'TypeError', errorMessage: 'no good', trace: expect.any(Array) },
      /\tERROR\tInvoke Error \t\{"errorType":"TypeError".*\nEND .*\nREPORT (?!.*Status)/,
    ],
    [
      'spin',
      { timeoutSeconds: 0.3 },
      {},
      {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 0.30 seconds$/),
      },
      /\n\S+Z (\S+) Task timed out after 0\.30 seconds\n\nEND RequestId: \1\nREPORT RequestId: \1\tDuration: \d+\.\d\d ms\t.*\tMax Memory Used: .*\tStatus: timeout\t\n$/,
    ],
    [
      'exit',
      {},
      {},
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(
          /^RequestId: \S+ Error: Runtime exited with error: exit status 3$/,
        ),
      },
      /\nRequestId: (\S+) Error: Runtime exited with error: exit status 3\nRuntime\.ExitError\nEND RequestId: \1\nREPORT .*\tStatus: error\tError Type: Runtime\.ExitError\t\n$/,
    ],
    [
      'leave',
      {},
      {},
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(/Error: Runtime exited without providing a reason$/),
      },
      /\tStatus: error\tError Type: Runtime\.ExitError\t\n$/,
    ],
    [
      'crash',
      {},
      {},
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(/Error: Runtime exited with error: exit status 1$/),
      },
      /Error: out of turn\n(.*\n)+RequestId: .* exit status 1\nRuntime\.ExitError\nEND/,
    ],
    [
      'exhaust',
      { memoryMb: 64 },
      {},
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(/Error: Runtime exited with error: signal: aborted$/),
      },
      /JavaScript heap out of memory/,
    ],
    [
      'large',
      {},
      {},
      {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: expect.stringContaining('(6291558 bytes)'),
      },
      /\nEND .*\nREPORT .*\n$/,
    ],
    [
      'absent',
      {},
      {},
      {
        errorType: 'Runtime.HandlerNotFound',
        errorMessage: 'handlers.absent is undefined or not exported',
        trace: expect.any(Array),
      },
      /\tERROR\tInit Error.*\nINIT_REPORT Init Duration: [\d.]+ ms\tPhase: init\tStatus: error\tError Type: Runtime\.HandlerNotFound\nSTART RequestId: (\S+) .*\nEND RequestId: \1\nREPORT .*\tStatus: error\tError Type: Runtime\.HandlerNotFound\t\n$/,
    ],
    [
      'module',
      { handler: 'nowhere.handler' },
      {},
      {
        errorType: 'Runtime.ImportModuleError',
        errorMessage: expect.stringContaining("Cannot find module 'nowhere'"),
        trace: expect.any(Array),
      },
      /\tStatus: error\tError Type: Runtime\.ImportModuleError\t\n$/,
    ],
    [
      'stillborn',
      { handler: 'stillborn.handler' },
      {},
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(/Error: Runtime exited with error: exit status 7$/),
      },
      /START RequestId: (\S+) .*\nRequestId: \1 Error: Runtime exited .*\nRuntime\.ExitError\nEND/,
    ],
  ];

  it.each(failures)(
    '%s answers with the document that AWS writes, and the next event is served',
    async (name, more, event, document, log) => {
      lambda.define(definition(name, more));
      lambda.define(definition('slow'));
      for (const _ of [1, 2]) {
        const result = await lambda.invoke(name, JSON.stringify(event));
        expect(result.functionError).toBe('Unhandled');
        expect(JSON.parse(result.payload)).toEqual(document);
      }
      expect(logOf(name)).toMatch(log);
      expect(await invoke('slow', { ms: 0 })).toEqual(expect.any(Number));
    },
  );
});

it.each([
  // Time enough to be looked at before, on a busy machine too.
  ['timed out', { timeoutSeconds: 3 }],
  ['exited', {}],
])('leaves nothing of the process of a function that %s, nor of what it has started', async (how, more) => {
  const file = join(dir, 'pid');
  lambda.define(definition('parent', more));
  const answer = lambda.invoke('parent', JSON.stringify({ file }));
  await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
  const pids = [...lambda.pids(), Number(readFileSync(file, 'utf8'))];
  expect(pids.filter(runs)).toHaveLength(2);
  if (how === 'exited') writeFileSync(`${file}-exit`, '');
  expect(await answer).toMatchObject({ functionError: 'Unhandled' });
  await until(() => pids.filter(runs).length === 0);
});

describe('a layer', () => {
  const layer = (name: string, files: Record<string, string>) => {
    const folder = join(dir, name);
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), content, { mode: 0o755 });
    }
    return folder;
  };

  it('is seen as /opt: by modules, NODE_PATH, PATH and LD_LIBRARY_PATH; the last one stands over the others', async () => {
    const lower = layer('lower', {
      'nodejs/node_modules/both/index.js': 'module.exports = "lower"',
      'nodejs/node24/node_modules/versioned/index.js': 'module.exports = "for 24"',
      'nodejs/shared.mjs': 'export const shared = "lower";',
      'bin/tool': '#!/bin/sh\necho tool',
    });
    const upper = layer('upper', { 'nodejs/node_modules/both/index.js': 'module.exports = "upper"' });
    writeFileSync(
      join(dir, 'code', 'layered.mjs'),
      `import { execFileSync } from 'node:child_process';
       import { createRequire } from 'node:module';
       import { shared } from '/opt/nodejs/shared.mjs';
       const require = createRequire(import.meta.url);
       export const handler = async () => ({
         shared, both: require('both'), versioned: require('versioned'), byPath: require('/opt/nodejs/node_modules/both'),
         tool: execFileSync('tool', { encoding: 'utf8' }).trim(), libraries: process.env.LD_LIBRARY_PATH,
       });`,
    );
    lambda.define(definition('layered', { handler: 'layered.handler', layers: [lower, upper] }));
    expect(await invoke('layered', {})).toEqual({
      shared: 'lower',
      both: 'upper',
      versioned: 'for 24',
      byPath: 'upper',
      tool: 'tool',
      libraries: expect.stringContaining(`${join(upper, 'lib')}:${join(lower, 'lib')}`),
    });
  });
});

describe('the host', () => {
  it('gives each function the credentials of its own', async () => {
    await lambda.close();
    const credentialsFor = ({ roleArn = '' }: FunctionDefinition) => ({
      accessKeyId: `ASIA${roleArn.length}`,
      secretAccessKey: 's',
      sessionToken: 't',
    });
    lambda = host({ credentialsFor });
    lambda.define(definition('echo', { roleArn: 'arn:aws:iam::000000000000:role/r' }));
    expect(await invoke('echo', {})).toMatchObject({
      env: { AWS_ACCESS_KEY_ID: 'ASIA32', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' },
    });
  });

  it('refuses a function that sets what Lambda reserves, in AWS’s words', () => {
    const environment = { AWS_REGION: 'x', OWN: 'y', _HANDLER: 'z' };
    expect(() => lambda.define(definition('echo', { environment }))).toThrow(
      expect.objectContaining({
        code: 'InvalidParameterValueException',
        message: expect.stringMatching(/reserved keys .* used in this request: AWS_REGION, _HANDLER$/),
      }),
    );
  });

  it('may kill a handler half-way, which ends as a crash does', async () => {
    let harm: { killAfterMs: number } | undefined = { killAfterMs: 50 };
    await lambda.close();
    lambda = host({ disturbInvocation: (name) => (name === 'slow' ? harm : undefined) });
    lambda.define(definition('slow'));
    const killed = await lambda.invoke('slow', '{"ms":5000}');
    expect(JSON.parse(killed.payload)).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/Error: Runtime exited with error: signal: killed$/),
    });
    expect(logOf('slow')).toMatch(/signal: killed\nRuntime\.ExitError\nEND .*\nREPORT .*\tStatus: error\t/);
    harm = { killAfterMs: 400 };
    const pid = await invoke('slow', { ms: 0 });
    await sleep(500);
    expect(runs(pid as number)).toBe(true);
  });
});

describe('an asynchronous event', () => {
  it('is retried twice, then recorded at the OnFailure destination', async () => {
    const file = join(dir, 'tries');
    lambda.define(definition('fail', { onFailureArn: 'arn:aws:sqs:us-east-1:000000000000:dead' }));
    await lambda.start();
    await lambda.invokeAsync('fail', JSON.stringify({ file }));
    await until(() => messages.length > 0);
    expect(readFileSync(file, 'utf8')).toBe('xxx');
    expect(messages).toEqual([
      {
        queue: 'arn:aws:sqs:us-east-1:000000000000:dead',
        body: {
          version: '1.0',
          timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
          requestContext: {
            requestId: expect.any(String),
            functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fail:$LATEST',
            condition: 'RetriesExhausted',
            approximateInvokeCount: 3,
          },
          requestPayload: { file },
          responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
          responsePayload: expect.objectContaining({ errorType: 'TypeError', errorMessage: 'no good' }),
        },
      },
    ]);
  });

  it('is given up unrun when it is older than its maximum age', async () => {
    let now = 0;
    await lambda.close();
    lambda = host({ clock: { now: () => now, scale: 1 } });
    const file = join(dir, 'never');
    lambda.define(
      definition('mark', { onFailureArn: 'arn:aws:sqs:us-east-1:0:dead', maximumEventAgeSeconds: 60 }),
    );
    await lambda.invokeAsync('mark', JSON.stringify({ file, word: 'm' }));
    now = 60_001;
    await lambda.start();
    await until(() => messages.length > 0);
    expect(messages[0]?.body).toMatchObject({
      requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 },
    });
    expect(existsSync(file)).toBe(false);
  });

  it('is given up with its last answer when its next retry would come after its maximum age', async () => {
    await lambda.close();
    // A retry comes after 6 s, the event lives for 6 s.
    lambda = host({ clock: { now: Date.now, scale: 10 } });
    const file = join(dir, 'tries');
    lambda.define(
      definition('fail', { onFailureArn: 'arn:aws:sqs:us-east-1:0:dead', maximumEventAgeSeconds: 60 }),
    );
    await lambda.start();
    await lambda.invokeAsync('fail', JSON.stringify({ file }));
    await until(() => messages.length > 0);
    expect(messages[0]?.body).toMatchObject({
      requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 1 },
      responsePayload: { errorMessage: 'no good' },
    });
    expect(readFileSync(file, 'utf8')).toBe('x');
  });

  it('runs again after a clean stop that ended it half-way, as if it had not run', async () => {
    const file = join(dir, 'pid');
    const onFailureArn = 'arn:aws:sqs:us-east-1:0:dead';
    lambda.define(definition('hold', { maximumRetryAttempts: 0, onFailureArn }));
    await lambda.start();
    await lambda.invokeAsync('hold', JSON.stringify({ file, word: 'again' }));
    await until(() => existsSync(file));
    await lambda.close();
    lambda = host();
    lambda.define(definition('hold', { handler: 'handlers.mark', maximumRetryAttempts: 0, onFailureArn }));
    await lambda.start();
    await until(() => readFileSync(file, 'utf8').endsWith('again'));
    expect(messages).toEqual([]);
  });

  it('keeps its record until the destination takes it', async () => {
    let refusals = 2;
    await lambda.close();
    lambda = host({
      sendToQueue: async (queue, body) => {
        if (refusals-- > 0) throw new AwsError('ServiceUnavailable', 'destination down', 503);
        messages.push({ queue, body: JSON.parse(body) });
      },
    });
    lambda.define(
      definition('fail', { onFailureArn: 'arn:aws:sqs:us-east-1:0:dead', maximumRetryAttempts: 0 }),
    );
    await lambda.start();
    await lambda.invokeAsync('fail', JSON.stringify({ file: join(dir, 'tries') }));
    await until(() => messages.length > 0);
    expect(readFileSync(join(dir, 'tries'), 'utf8')).toBe('x');
  });

  it('survives kill -9 of the host, and leaves no orphan process', async () => {
    const file = join(dir, 'pid');
    const child = await hostProcess(file);
    await until(() => existsSync(file));
    const pid = Number(readFileSync(file, 'utf8'));
    expect(runs(pid)).toBe(true);
    child.kill('SIGKILL');
    await until(() => !runs(pid));
    // The same queue, a function of the same name that now answers: the event runs again.
    lambda = host();
    lambda.define(definition('hold', { handler: 'handlers.mark' }));
    await lambda.start();
    await until(() => readFileSync(file, 'utf8').endsWith('again'));
  });

  async function hostProcess(file: string): Promise<ChildProcess> {
    await lambda.close();
    const script = join(dir, 'host.mjs');
    const service = new URL('./service.ts', import.meta.url).href;
    const options = {
      dir: join(dir, 'lambda'),
      identity: { account: '0', region: 'r' },
      environment: {},
      maxWarm: 2,
      idleMs: 1e6,
    };
    writeFileSync(
      script,
      `import { createLambda } from ${JSON.stringify(service)};
       const lambda = createLambda({ ...${JSON.stringify(options)}, clock: { now: Date.now, scale: 1 }, appendLog() {}, sendToQueue: async () => {} });
       lambda.define(${JSON.stringify(definition('hold', { timeoutSeconds: 60 }))});
       await lambda.start();
       await lambda.invokeAsync('hold', ${JSON.stringify(JSON.stringify({ file, word: 'again' }))});`,
    );
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit'] });
    await once(child, 'spawn');
    return child;
  }
});

describe('the REST API, by the AWS SDK', () => {
  let server: Server;
  let client: LambdaClient;

  beforeEach(async () => {
    server = createServer((req, res) => {
      const url = new URL(req.url ?? '/', 'http://127.0.0.1');
      void lambda.handle({ req, res, url, accessKeyId: 'a', requestId: 'request-1' });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    client = new LambdaClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  });

  afterEach(() => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  });

  it('invokes and lists', async () => {
    lambda.define(definition('fail'));
    lambda.define(definition('mark'));
    await lambda.start();
    const failed = await client.send(
      new InvokeCommand({ FunctionName: 'fail', Payload: '{"file":"/dev/null"}' }),
    );
    expect(failed).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled', ExecutedVersion: '$LATEST' });
    const file = join(dir, 'event');
    const event = {
      FunctionName: 'mark',
      InvocationType: 'Event',
      Payload: JSON.stringify({ file, word: 'w' }),
    } as const;
    expect(await client.send(new InvokeCommand(event))).toMatchObject({ StatusCode: 202 });
    await until(() => existsSync(file));
    const { Functions } = await client.send(new ListFunctionsCommand({}));
    expect(Functions?.map((each) => [each.FunctionName, each.Timeout, each.Role])).toEqual([
      ['fail', 10, 'arn:aws:iam::000000000000:role/role-of-fail'],
      ['mark', 10, 'arn:aws:iam::000000000000:role/role-of-mark'],
    ]);
  });

  const send = (FunctionName: string, more: Partial<InvokeCommandInput> = {}) =>
    client.send(new InvokeCommand({ FunctionName, ...more }));

  it('tells a caller by DryRun that it may invoke, and does not', async () => {
    lambda.define(definition('mark'));
    const file = join(dir, 'dry');
    const Payload = JSON.stringify({ file, word: 'w' });
    expect(await send('mark', { InvocationType: 'DryRun', Payload })).toMatchObject({ StatusCode: 204 });
    expect(existsSync(file)).toBe(false);
  });

  it('gives the last 4 KB of the log for LogType=Tail', async () => {
    lambda.define(definition('echo'));
    const tail = async (word: string) => {
      const { LogResult } = await send('echo', { LogType: 'Tail', Payload: JSON.stringify({ word }) });
      return Buffer.from(LogResult ?? '', 'base64').toString();
    };
    expect(await tail('one')).toMatch(/^START .*\n.*seen one\nEND .*\nREPORT .*\t\n$/);
    const long = await tail('é'.repeat(10_000));
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(4_099);
    expect(long).toMatch(/é\nEND .*\nREPORT .*\t\n$/);
    expect((await send('echo')).LogResult).toBeUndefined();
  });

  it('takes a name, ARN and partial ARN, and no qualifier but $LATEST', async () => {
    lambda.define(definition('slow'));
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:slow';
    for (const name of ['slow', 'slow:$LATEST', arn, `${arn}:$LATEST`, '000000000000:function:slow'])
      expect(await send(name, { Payload: '{"ms":0}' })).toMatchObject({ StatusCode: 200 });
    for (const name of ['slow:live', `${arn}:live`])
      await expect(send(name)).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: `Function not found: ${arn}:live`,
      });
    await expect(send('slow', { Qualifier: '1' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('answers bad input with AWS’s errors', async () => {
    lambda.define(definition('mark'));
    const text = (bytes: number) => JSON.stringify('a'.repeat(bytes - 2));
    const calls: [string, string, string, 'Event' | 'RequestResponse', string][] = [
      ['ResourceNotFoundException', 'Function not found: arn:', 'nobody', 'RequestResponse', '{}'],
      ['InvalidRequestContentException', 'Could not parse', 'mark', 'RequestResponse', '{"torn'],
      ['InvalidParameterValueException', "Value 'Later' at", 'mark', 'Later' as never, '{}'],
      [
        'RequestTooLargeException',
        '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
        'mark',
        'Event',
        text(1_048_577),
      ],
      [
        'RequestTooLargeException',
        '20000000 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)',
        'mark',
        'RequestResponse',
        text(20_000_000),
      ],
    ];
    for (const [name, message, FunctionName, InvocationType, Payload] of calls) {
      const call = send(FunctionName, { InvocationType, Payload });
      await expect(call).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
    }
    expect(await send('mark', { InvocationType: 'Event', Payload: text(1_048_576) })).toMatchObject({
      StatusCode: 202,
    });
  });
});
