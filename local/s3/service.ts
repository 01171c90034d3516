import { join } from 'node:path';
import { AwsError } from '../aws-error.ts';
import { createDeliveryQueue } from '../delivery-queue.ts';
import type { AwsRequest, CloudService, ServiceEvent } from '../ports.ts';
import { Sqlite } from '../sqlite.ts';
import { Blobs } from './blobs.ts';
import { type BucketSettings, createBucket, findBucket, requireBucket, saveBucket } from './buckets.ts';
import { parseCall, type S3Context, type S3Options } from './call.ts';
import { requireUnexpired } from './presigned-url.ts';
import { sendError, sendReply } from './respond.ts';
import { route, s3Actions } from './route.ts';
import { s3Error } from './s3-error.ts';
import { SCHEMA } from './schema.ts';

const IDLE_MS = 20_000;
const EVENTS_AT_A_TIME = 100;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

export interface S3Service extends CloudService {
  /** Makes the bucket, or gives the one that is there these settings. Throws InvalidBucketName. */
  createBucket(name: string, settings: BucketSettings): void;
  hasBucket(name: string): boolean;
  readonly actions: readonly string[];
}

/**
 * S3 over REST-XML, path-style. Metadata and small bodies in SQLite, large ones in files, both under `dir`: what was
 * acknowledged survives the death of the process, together with its events. Signatures are not verified here.
 */
export function createS3({ dir, clock, identity, publish, idleMs = IDLE_MS }: S3Options): S3Service {
  const db = new Sqlite(join(dir, 'objects.sqlite'), SCHEMA);
  const blobs = new Blobs(db, join(dir, 'blobs'));
  const outbox = createDeliveryQueue<ServiceEvent>({
    db,
    table: 'outbox',
    now: clock.now,
    concurrency: EVENTS_AT_A_TIME,
    deliver: async ({ item }) => {
      await publish(item);
      return 'done';
    },
    failed: ({ attempts }) => ({ afterMs: Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LAST_RETRY_MS) }),
  });
  outbox.start();
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
      if (closing) return sendError(request, s3Error('ServiceUnavailable'));
      endWhenIdle(request, idleMs);
      const answered = answer(context, request).finally(() => running.delete(request));
      running.set(request, answered);
      await answered;
    },
    close() {
      closing ??= close();
      return closing;
    },
    createBucket: (name, settings) => saveBucket(db, name, settings, clock.now()),
    hasBucket: (name) => findBucket(db, name) !== undefined,
    actions: s3Actions,
  };
}

/** Never rejects. */
async function answer(context: S3Context, request: AwsRequest): Promise<void> {
  try {
    const call = parseCall(request);
    requireUnexpired(call, context.clock.now());
    const { account } = context.identity;
    if ((call.headers['x-amz-expected-bucket-owner'] ?? account) !== account) throw s3Error('AccessDenied');
    const operation = route(call);
    if (call.bucket !== '' && operation !== createBucket) requireBucket(context.db, call.bucket);
    await sendReply(request, await operation(context, call));
  } catch (error) {
    // A client that has gone away gets no answer, and its going is no failure.
    if (!request.req.socket.destroyed) sendError(request, hidden(request, error));
  }
}

/** Who may not list a bucket does not learn what is not in it. */
function hidden({ allows, url }: AwsRequest, error: unknown): unknown {
  const isMissing = error instanceof AwsError && error.code === 'NoSuchKey';
  const resource = `arn:aws:s3:::${url.pathname.split('/')[1] ?? ''}`;
  return isMissing && allows?.({ action: 's3:ListBucket', resource }) === false
    ? s3Error('AccessDenied')
    : error;
}

/** A client whose body stands still for so long is told so and cut off. */
function endWhenIdle(request: AwsRequest, idleMs: number): void {
  const { req, res } = request;
  const hasBody = req.headers['transfer-encoding'] || Number(req.headers['content-length'] ?? 0) > 0;
  if (!hasBody) return;
  req.setTimeout(idleMs, () => {
    res.setHeader('connection', 'close');
    // Not its socket alone: nobody would tell the reader of the body.
    res.once('finish', () => req.destroy());
    sendError(request, s3Error('RequestTimeout'));
  });
  // What then takes long is our own work.
  req.once('end', () => req.socket.setTimeout(0));
}
