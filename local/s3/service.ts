import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError } from '../aws-error.ts';
import type { AwsRequest, CloudService } from '../ports.ts';
import { Blobs } from './blobs.ts';
import { createBucket, requireBucketName } from './bucket-operations.ts';
import { type BucketSettings, findBucket, requireBucket, saveBucket } from './buckets.ts';
import { parseCall, type S3Context, type S3Options } from './call.ts';
import { Database } from './database.ts';
import { Outbox } from './outbox.ts';
import { requireUnexpired } from './presigned-url.ts';
import { sendError } from './respond.ts';
import { route, s3Actions } from './route.ts';

export interface S3Service extends CloudService {
  /** Makes the bucket, or gives the one that is there these settings. Throws InvalidBucketName. */
  createBucket(name: string, settings: BucketSettings): void;
  hasBucket(name: string): boolean;
  readonly actions: readonly string[];
}

/**
 * S3 over REST-XML, path-style. Metadata in SQLite and bytes in files, both under `dir`: what was acknowledged
 * survives the death of the process, together with its events. Signatures are not verified here.
 */
export function createS3(options: S3Options): S3Service {
  const { clock, identity } = options;
  mkdirSync(options.dir, { recursive: true });
  const db = new Database(join(options.dir, 's3.sqlite'));
  const blobs = new Blobs(db, options.dir);
  const outbox = new Outbox(db, options.publish);
  const context: S3Context = { db, blobs, outbox, clock, identity };
  const running = new Map<AwsRequest, Promise<void>>();
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    for (const request of running.keys()) request.req.socket.destroy();
    await Promise.all(running.values());
    await outbox.close();
    await blobs.close();
    db.close();
  }

  return {
    async handle(request) {
      if (closing)
        return sendError(request, new AwsError('ServiceUnavailable', 'The service is stopping.', 503));
      const answered = answer(context, request).finally(() => running.delete(request));
      running.set(request, answered);
      await answered;
    },
    close() {
      closing ??= close();
      return closing;
    },
    createBucket(name, settings) {
      requireBucketName(name);
      saveBucket(db, name, settings, clock.now());
    },
    actions: s3Actions,
    hasBucket: (name) => findBucket(db, name) !== undefined,
  };
}

/** Never rejects. */
async function answer(context: S3Context, request: AwsRequest): Promise<void> {
  try {
    const call = parseCall(request);
    requireUnexpired(call, context.clock.now());
    requireOwner(call.headers['x-amz-expected-bucket-owner'], context.identity.account);
    const operation = route(call);
    if (call.bucket !== '' && operation !== createBucket) requireBucket(context.db, call.bucket);
    await operation(context, call);
  } catch (error) {
    // A client that has gone away gets no answer, and its going is no failure.
    if (!request.req.socket.destroyed) sendError(request, hidden(request, error));
  }
}

/** Who may not list a bucket does not learn what is not in it. */
function hidden(request: AwsRequest, error: unknown): unknown {
  const bucket = request.url.pathname.split('/')[1] ?? '';
  const isMissing = error instanceof AwsError && error.code === 'NoSuchKey';
  if (
    !isMissing ||
    (request.allows?.({ action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}` }) ?? true)
  )
    return error;
  return new AwsError('AccessDenied', 'Access Denied', 403);
}

function requireOwner(expected: string | undefined, account: string): void {
  if (expected === undefined || expected === account) return;
  throw new AwsError('AccessDenied', 'Access Denied', 403);
}
