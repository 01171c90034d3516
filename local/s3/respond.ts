import { pipeline } from 'node:stream/promises';
import { AwsError } from '../aws-error.ts';
import type { AwsRequest } from '../ports.ts';
import { s3Error } from './s3-error.ts';
import { type XmlContent, xmlDocument } from './xml.ts';

/** `undefined` leaves a header out. */
export type Headers = Readonly<Record<string, string | number | undefined>>;

export interface Reply {
  /** 200 when left out. */
  readonly status?: number;
  readonly headers?: Headers;
  /** A document `<root xmlns="…">content</root>`. */
  readonly document?: readonly [root: string, content: XmlContent];
  /** An object's bytes; `headers` tell their length. Not sent to HEAD. */
  readonly bytes?: AsyncIterable<Buffer>;
}

/** Resolves when all is sent; rejects when the client goes away meanwhile. */
export async function sendReply({ req, res, requestId }: AwsRequest, reply: Reply): Promise<void> {
  const { status = 200, headers, document, bytes } = reply;
  res.statusCode = status;
  const type = document && 'application/xml';
  const all: Headers = {
    'x-amz-request-id': requestId,
    'x-amz-id-2': requestId,
    'content-type': type,
    ...headers,
  };
  for (const [name, value] of Object.entries(all)) if (value !== undefined) res.setHeader(name, value);
  if (bytes && req.method !== 'HEAD') await pipeline(bytes, res);
  else res.end(document && xmlDocument(...document));
}

/** Answers as S3 does: the error document, or for HEAD the status alone. */
export function sendError(request: AwsRequest, error: unknown): void {
  if (!(error instanceof AwsError)) console.error(error);
  const known = error instanceof AwsError ? error : s3Error('InternalError');
  if (request.res.headersSent) request.res.destroy();
  if (request.res.destroyed) return;
  const { code, message, members, status } = known;
  const ids = { RequestId: request.requestId, HostId: request.requestId };
  const content = { Code: code, Message: message, ...(members as Record<string, XmlContent>), ...ids };
  void sendReply(request, { status, document: ['Error', content] });
  // What is left of the body is read and dropped, so that the client gets to read the answer.
  request.req.resume();
}
