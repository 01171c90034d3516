import { AwsError } from '../aws-error.ts';
import type { AwsRequest, Clock, Identity, PublishServiceEvent } from '../ports.ts';
import type { Blobs } from './blobs.ts';
import type { Database } from './database.ts';
import type { Outbox } from './outbox.ts';

const MAX_KEY_BYTES = 1024;

export interface S3Options {
  /** Folder of this service's files; made when missing. */
  readonly dir: string;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly publish: PublishServiceEvent;
}

/** What every operation works on. */
export interface S3Context {
  readonly db: Database;
  readonly blobs: Blobs;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly identity: Identity;
}

/** One request, taken apart. `bucket` and `key` are decoded and empty where the path has none. */
export interface S3Call {
  readonly request: AwsRequest;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  /** By lower-case name. Holds also what a presigned URL carries in its query in place of headers. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Answers a call. The bucket that the call names exists, but for CreateBucket. */
export type Operation = (context: S3Context, call: S3Call) => Promise<void> | void;

/**
 * Takes a path-style request apart. Works on the request line itself: a WHATWG URL would resolve `..`, which in
 * a key is only data. Throws InvalidURI and KeyTooLongError.
 */
export function parseCall(request: AwsRequest): S3Call {
  const target = request.req.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  const [, bucket, key] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  if (bucket === undefined || key === undefined || (bucket === '' && key !== '')) throw invalidUri(target);
  const call = {
    request,
    bucket: decode(bucket),
    key: decode(key),
    query,
    headers: headersOf(request, query),
  };
  requireKeyLength(call.key);
  return call;
}

export function requireKeyLength(key: string): void {
  const size = Buffer.byteLength(key);
  if (size <= MAX_KEY_BYTES) return;
  const members = { Size: size, MaxSizeAllowed: MAX_KEY_BYTES };
  throw new AwsError('KeyTooLongError', 'Your key is too long', 400, members);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidUri(text);
  }
}

function invalidUri(uri: string): AwsError {
  return new AwsError('InvalidURI', "Couldn't parse the specified URI.", 400, { URI: uri });
}

function headersOf(request: AwsRequest, query: URLSearchParams): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = Object.create(null);
  if (query.has('X-Amz-Signature')) {
    for (const [name, value] of query) if (/^x-amz-/i.test(name)) headers[name.toLowerCase()] = value;
  }
  for (const [name, value] of Object.entries(request.req.headers)) {
    headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return headers;
}
