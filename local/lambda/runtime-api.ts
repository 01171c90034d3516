import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InvokeResult } from '../ports.ts';
import { Failure, MAX_RESPONSE_BYTES } from './failure.ts';

/** One invocation on its way to a function process. */
export interface Invocation {
  readonly requestId: string;
  readonly payload: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
}

export interface RuntimeApiEvents {
  /** The process asks for work: its initialisation is over, and any earlier invocation too. */
  onNext(): void;
  onResult(requestId: string, result: InvokeResult): void;
  onInitError(result: InvokeResult): void;
}

/** The Lambda runtime API of one function process, on 127.0.0.1. */
export interface RuntimeApi {
  /** `host:port`, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Answers the pending `next`; may be called only between `onNext` and the result. */
  deliver(invocation: Invocation): void;
  close(): void;
}

export async function openRuntimeApi(events: RuntimeApiEvents): Promise<RuntimeApi> {
  let pending: ServerResponse | undefined;
  const server = createServer((req, res) => {
    answer(req, res).catch(() => res.destroy());
  });
  server.keepAliveTimeout = 0;

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? '').replace('/2018-06-01/runtime/', '');
    if (req.method === 'GET' && path === 'invocation/next') {
      pending = res;
      return events.onNext();
    }
    const result = await readResult(req);
    accept(res);
    if (path === 'init/error') return events.onInitError({ ...result, functionError: 'Unhandled' });
    const [, requestId = '', kind] = path.split('/');
    events.onResult(requestId, kind === 'error' ? { ...result, functionError: 'Unhandled' } : result);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliver(invocation) {
      pending?.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': invocation.requestId,
        'lambda-runtime-deadline-ms': String(Date.now() + invocation.timeoutMs),
        'lambda-runtime-invoked-function-arn': invocation.functionArn,
      });
      pending?.end(invocation.payload);
      pending = undefined;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function readResult(req: IncomingMessage): Promise<InvokeResult> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += (chunk as Buffer).length;
    if (size <= MAX_RESPONSE_BYTES) chunks.push(chunk as Buffer);
  }
  if (size > MAX_RESPONSE_BYTES) return Failure.responseTooLarge(size);
  return { payload: Buffer.concat(chunks).toString('utf8') };
}

function accept(res: ServerResponse): void {
  res.writeHead(202, { 'content-type': 'application/json' });
  res.end('{"status":"OK"}');
}
