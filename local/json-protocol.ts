import { gunzipSync } from 'node:zlib';
import { AwsError } from './aws-error.ts';
import type { AwsRequest, JsonAction } from './ports.ts';

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Reads a request's whole body. Throws `RequestEntityTooLarge` (413) beyond `limit` bytes, `IncompleteBody` when the
 * client breaks off. */
export async function readBody({ body, req }: AwsRequest, limit = MAX_BODY_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body ? [body] : req.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      if (size > limit) break;
      chunks.push(chunk as Buffer);
    }
  } catch {
    throw new AwsError('IncompleteBody', 'The request ended before its body did.');
  }
  if (size <= limit) return Buffer.concat(chunks);
  // What is still to come is let go by: the connection carries the answer, and then the next request.
  req.resume();
  throw new AwsError('RequestEntityTooLarge', `Request exceeds ${limit} bytes`, 413);
}

export interface JsonProtocol {
  /** `1.0` or `1.1`: the version in the content type `application/x-amz-json-<version>`. */
  readonly version: '1.0' | '1.1';
  readonly actions: Readonly<Record<string, JsonAction>>;
  /** The codes that clients of the older Query protocol know errors by; sent beside the others. */
  readonly queryCodes?: Readonly<Record<string, string>>;
}

/** Answers one request of an AWS JSON service: the action is what follows the dot in `X-Amz-Target`. */
export async function answerJson(request: AwsRequest, protocol: JsonProtocol): Promise<void> {
  const contentType = `application/x-amz-json-${protocol.version}`;
  try {
    const body = await readBody(request);
    const name =
      String(request.req.headers['x-amz-target'] ?? '')
        .split('.')
        .at(-1) ?? '';
    const action = Object.hasOwn(protocol.actions, name) ? protocol.actions[name] : undefined;
    if (!action)
      throw new AwsError(
        'UnknownOperationException',
        `The embedded cloud does not offer ${name || 'this action'}.`,
      );
    const isPacked = request.req.headers['content-encoding'] === 'gzip';
    const output = await action(parse(isPacked ? unpacked(body) : body));
    send(request, 200, contentType, output ?? {});
  } catch (error) {
    const queryCode = error instanceof AwsError ? protocol.queryCodes?.[error.code] : undefined;
    if (queryCode) request.res.setHeader('x-amzn-query-error', `${queryCode};Sender`);
    sendJsonError(request, contentType, error);
  }
}

/** The SDK packs large bodies of some actions (PutMetricData). */
function unpacked(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid gzip.');
  }
}

function parse(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsError('SerializationException', 'The request body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

/** Writes an error as the JSON protocols do; anything but an AwsError becomes InternalFailure (500). */
export function sendJsonError(request: AwsRequest, contentType: string, error: unknown): void {
  const known = error instanceof AwsError;
  if (!known) console.error(error);
  const failure = known
    ? error
    : new AwsError('InternalFailure', 'The request failed inside the embedded cloud.', 500);
  send(
    request,
    failure.status,
    contentType,
    { __type: failure.code, message: failure.message, ...failure.members },
    failure.code,
  );
}

function send(
  request: AwsRequest,
  status: number,
  contentType: string,
  body: unknown,
  errorType?: string,
): void {
  if (request.res.headersSent || request.res.destroyed) return;
  const text = JSON.stringify(body);
  request.res.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': request.requestId,
    ...(errorType ? { 'x-amzn-errortype': errorType } : {}),
  });
  request.res.end(text);
}
