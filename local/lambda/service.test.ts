import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { AwsError } from '../aws-error.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { createLambda, type LambdaOptions, type LambdaService } from './service.ts';

const HANDLERS = `
import { appendFileSync } from 'node:fs';
let count = 0;
export const echo = async (event, context) => {
  console.log('seen', event.word);
  return { event, count: ++count, pid: process.pid, env: { ...process.env }, left: context.getRemainingTimeInMillis(), arn: context.invokedFunctionArn };
};
export const fail = async (event) => { appendFileSync(event.file, 'x'); throw new TypeError('no good'); };
export const mark = async (event) => { appendFileSync(event.file, event.word); };
export const slow = async (event) => { await new Promise((r) => setTimeout(r, event.ms)); return process.pid; };
export const spin = async () => { for (;;); };
export const exit = async () => process.exit(3);
export const large = async () => 'a'.repeat(6_291_556);
export const hold = async (event) => { appendFileSync(event.file, String(process.pid)); await new Promise((r) => setTimeout(r, 60_000)); };
`;

let dir: string;
let lambda: LambdaService;
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
  while (!condition()) await sleep(5);
}

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
  messages = [];
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
    const answer = (await invoke('echo', { word: 'hello' })) as Record<string, never>;
    delete process.env.HOST_SECRET;
    expect(answer).toMatchObject({
      event: { word: 'hello' },
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:echo',
      env: {
        OWN: 'yes',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
        AWS_LAMBDA_FUNCTION_NAME: 'echo',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'role.role-of-echo',
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        LAMBDA_TASK_ROOT: join(dir, 'code'),
        _HANDLER: 'handlers.echo',
        TZ: 'UTC',
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
    const log = readFileSync(join(dir, 'lambda', 'logs', 'echo.log'), 'utf8');
    expect(log).toMatch(
      /START RequestId: (\S+) Version: \$LATEST\n.*\1\tINFO\tseen one\nEND RequestId: \1\nREPORT RequestId: \1\tDuration: .*Init Duration: .*\nSTART RequestId: (\S+) .*\n.*seen two\nEND RequestId: \2\nREPORT RequestId: \2\t(?!.*Init)/,
    );
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
    await until(() => !runs(oldest.pid));
    expect(lambda.pids().length).toBeLessThanOrEqual(3);
  });

  it('ends an environment that was idle for idleMs', async () => {
    await lambda.close();
    lambda = host({ idleMs: 20 });
    lambda.define(definition('slow'));
    const pid = (await invoke('slow', { ms: 0 })) as number;
    await until(() => !runs(pid));
    expect(lambda.pids()).toEqual([]);
    expect(await invoke('slow', { ms: 0 })).not.toBe(pid);
  });
});

describe('a handler that fails', () => {
  const failures: [string, Partial<FunctionDefinition>, unknown, Record<string, unknown>][] = [
    [
      'fail',
      {},
      { file: '/dev/null' },
      { errorType: 'TypeError', errorMessage: 'no good', trace: expect.any(Array) },
    ],
    [
      'spin',
      { timeoutSeconds: 0.3 },
      {},
      {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 0.30 seconds$/),
      },
    ],
    [
      'exit',
      {},
      {},
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringContaining('Runtime exited with error: exit status 3'),
      },
    ],
    [
      'large',
      {},
      {},
      {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: expect.stringContaining('(6291558 bytes)'),
      },
    ],
    [
      'absent',
      {},
      {},
      { errorType: 'Runtime.HandlerNotFound', errorMessage: expect.any(String), trace: expect.any(Array) },
    ],
  ];

  it.each(failures)(
    '%s answers with the document that AWS writes, and the next event is served',
    async (name, more, event, document) => {
      lambda.define(definition(name, more));
      lambda.define(definition('slow'));
      for (const _ of [1, 2]) {
        const result = await lambda.invoke(name, JSON.stringify(event));
        expect(result.functionError).toBe('Unhandled');
        expect(JSON.parse(result.payload)).toEqual(document);
      }
      expect(await invoke('slow', { ms: 0 })).toEqual(expect.any(Number));
    },
  );
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
       const lambda = createLambda({ ...${JSON.stringify(options)}, clock: { now: Date.now, scale: 1 }, sendToQueue: async () => {} });
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

  it('answers bad input with AWS’s errors', async () => {
    lambda.define(definition('mark'));
    const calls: [string, string, 'Event' | 'RequestResponse', string][] = [
      ['ResourceNotFoundException', 'nobody', 'RequestResponse', '{}'],
      ['InvalidRequestContentException', 'mark', 'RequestResponse', '{"torn'],
      ['RequestTooLargeException', 'mark', 'Event', JSON.stringify('a'.repeat(1_048_576))],
    ];
    for (const [name, FunctionName, InvocationType, Payload] of calls) {
      const call = client.send(new InvokeCommand({ FunctionName, InvocationType, Payload }));
      await expect(call).rejects.toMatchObject({ name });
    }
  });
});
