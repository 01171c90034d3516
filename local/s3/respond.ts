import { AwsError } from '../aws-error.ts';
import type { AwsRequest } from '../ports.ts';
import { type XmlContent, xmlDocument, xmlErrorDocument } from './xml.ts';

export type Headers = Readonly<Record<string, string | number | undefined>>;

/** Answers without a body. */
export function sendEmpty(request: AwsRequest, status: number, headers: Headers = {}): void {
  writeHead(
    request,
    status,
    status === 204 || status === 304 ? headers : { 'content-length': 0, ...headers },
  );
  request.res.end();
}

/** Answers 200 with the document `<root xmlns="…">content</root>`. */
export function sendXml(request: AwsRequest, root: string, content: XmlContent, headers: Headers = {}): void {
  sendDocument(request, 200, xmlDocument(root, content), headers);
}

/** Answers as S3 does: the error document, or for HEAD the status alone. */
export function sendError(request: AwsRequest, error: unknown): void {
  if (!(error instanceof AwsError)) console.error(error);
  const known =
    error instanceof AwsError
      ? error
      : new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500);
  if (request.res.headersSent) request.res.destroy();
  if (request.res.destroyed) return;
  const body = xmlErrorDocument({
    Code: known.code,
    Message: known.message,
    ...(known.members as Record<string, XmlContent>),
    RequestId: request.requestId,
    HostId: request.requestId,
  });
  sendDocument(request, known.status, body, {});
  // What is left of the body is read and dropped, so that the client gets to read the answer.
  request.req.resume();
}

export function writeHead(request: AwsRequest, status: number, headers: Headers): void {
  const given = Object.entries(headers).filter(
    (entry): entry is [string, string | number] => entry[1] !== undefined,
  );
  request.res.writeHead(status, {
    'x-amz-request-id': request.requestId,
    'x-amz-id-2': request.requestId,
    ...Object.fromEntries(given),
  });
}

function sendDocument(request: AwsRequest, status: number, document: string, headers: Headers): void {
  const length = Buffer.byteLength(document);
  writeHead(request, status, { 'content-type': 'application/xml', 'content-length': length, ...headers });
  request.res.end(request.req.method === 'HEAD' ? undefined : document);
}
