import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InvokeResult } from '../ports.ts';
import { responseTooLarge } from './failure.ts';
import { MAX_RESPONSE_BYTES, receive } from './payload.ts';

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

/** The Lambda runtime API of one function process, on 127.0.0.1
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). */
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
    const { text, bytes } = await receive(req);
    res.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
    if (path === 'init/error') return events.onInitError({ payload: text, functionError: 'Unhandled' });
    const [, requestId = '', kind] = path.split('/');
    const result = bytes > MAX_RESPONSE_BYTES ? responseTooLarge(bytes) : { payload: text };
    events.onResult(requestId, kind === 'error' ? { ...result, functionError: 'Unhandled' } : result);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliver({ requestId, payload, functionArn, timeoutMs }) {
      pending?.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': requestId,
        'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
        'lambda-runtime-invoked-function-arn': functionArn,
        'lambda-runtime-trace-id': traceId(),
      });
      pending?.end(payload);
      pending = undefined;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** As X-Ray forms it; nothing here is sampled. */
function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}
