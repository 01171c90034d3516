import type { DeliveryQueue } from '../delivery-queue.ts';
import type { AwsRequest, Clock, Identity, PublishServiceEvent, ServiceEvent } from '../ports.ts';
import type { Sqlite } from '../sqlite.ts';
import type { Blobs } from './blobs.ts';
import type { Reply } from './respond.ts';
import { s3Error } from './s3-error.ts';

const MAX_KEY_BYTES = 1024;

export interface S3Options {
  /** Folder of this service's files; made when missing. */
  readonly dir: string;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly publish: PublishServiceEvent;
  /** A request that stands still for so long is ended with RequestTimeout; 20 s, as S3, when left out. */
  readonly idleMs?: number;
}

/** What every operation works on. */
export interface S3Context {
  readonly db: Sqlite;
  readonly blobs: Blobs;
  /** Events of committed writes that the bus has not accepted yet. */
  readonly outbox: DeliveryQueue<ServiceEvent>;
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
export type Operation = (context: S3Context, call: S3Call) => Promise<Reply> | Reply;

/**
 * Takes a path-style request apart. Works on the request line itself: a WHATWG URL would resolve `..`, which in
 * a key is only data. Throws InvalidURI and KeyTooLongError.
 */
export function parseCall(request: AwsRequest): S3Call {
  const target = request.req.url ?? '/';
  const [path = '', search] = target.split(/\?(.*)/s, 2);
  const query = new URLSearchParams(search);
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
  if (size > MAX_KEY_BYTES) throw s3Error('KeyTooLongError', { Size: size, MaxSizeAllowed: MAX_KEY_BYTES });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidUri(text);
  }
}

const invalidUri = (uri: string) => s3Error('InvalidURI', { URI: uri });

function headersOf({ req }: AwsRequest, query: URLSearchParams): Record<string, string | undefined> {
  const isPresigned = query.has('X-Amz-Signature');
  const inQuery = [...query].filter(([name]) => isPresigned && /^x-amz-/i.test(name));
  return Object.assign(
    Object.create(null),
    Object.fromEntries(inQuery.map(([name, value]) => [name.toLowerCase(), value])),
    Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)])),
  );
}
