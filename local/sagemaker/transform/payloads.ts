import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { TransformRequest } from './job.ts';

/** A record, or a file that is not split, is larger than MaxPayloadInMB. */
export class PayloadTooLarge extends Error {}

const NEWLINE = 0x0a;

/**
 * Cuts an input file into request bodies as SplitType, BatchStrategy and MaxPayloadInMB say: the whole file, one
 * line each (without its end), or as many whole lines as fit. Throws PayloadTooLarge.
 */
export async function* payloads(file: string, request: TransformRequest): AsyncGenerator<Buffer> {
  const limit = (request.MaxPayloadInMB ?? 6) * 1024 * 1024;
  const gzip = request.TransformInput.CompressionType === 'Gzip';
  if ((request.TransformInput.SplitType ?? 'None') === 'None') {
    yield await whole(file, gzip, limit);
    return;
  }
  const single = request.BatchStrategy === 'SingleRecord';
  const stream = gzip ? createReadStream(file).pipe(createGunzip()) : createReadStream(file);
  yield* single ? lines(stream, limit) : batches(lines(stream, limit), limit);
}

async function whole(file: string, gzip: boolean, limit: number): Promise<Buffer> {
  if ((await stat(file)).size > limit) throw tooLarge(limit);
  const body = await readFile(file);
  // A limit of 0 means no limit on AWS; zlib wants a positive number.
  return gzip ? gunzipSync(body, { maxOutputLength: limit || 2 ** 31 }) : body;
}

async function* lines(stream: Readable, limit: number): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    let text = rest.length > 0 ? Buffer.concat([rest, chunk as Buffer]) : (chunk as Buffer);
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE)) {
      if (end > limit) throw tooLarge(limit);
      if (end > 0) yield text.subarray(0, end);
      text = text.subarray(end + 1);
    }
    if (text.length > limit) throw tooLarge(limit);
    rest = text;
  }
  if (rest.length > 0) yield rest;
}

async function* batches(records: AsyncGenerator<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let batch: Buffer[] = [];
  let size = 0;
  for await (const record of records) {
    if (size + record.length + 1 > limit && batch.length > 0) {
      yield Buffer.concat(batch);
      batch = [];
      size = 0;
    }
    batch.push(record, Buffer.of(NEWLINE));
    size += record.length + 1;
  }
  if (batch.length > 0) yield Buffer.concat(batch);
}

const tooLarge = (limit: number) =>
  new PayloadTooLarge(`ClientError: A record exceeds MaxPayloadInMB (${limit / 1024 / 1024} MB)`);
