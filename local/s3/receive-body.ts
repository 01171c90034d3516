import { createHash } from 'node:crypto';
import { decodeAwsChunked } from './aws-chunked.ts';
import type { Blobs, Draft } from './blobs.ts';
import type { S3Call } from './call.ts';
import {
  base64Digest,
  CHECKSUM_ALGORITHMS,
  type Checksum,
  type ChecksumAlgorithm,
  checksumHeader,
  parseAlgorithm,
  requireChecksumValue,
  startChecksum,
} from './checksum.ts';
import { invalidRequest, s3Error } from './s3-error.ts';

const MAX_UPLOAD_BYTES = 5 * 1024 ** 3;
const MAX_DOCUMENT_BYTES = 8 * 1024 ** 2;

/** `etag` is the MD5 of the bytes in hex, without quotes. */
export interface Received {
  readonly draft: Draft;
  readonly etag: string;
  readonly checksum: Checksum | undefined;
}

/** Streams a request's body into a blob and checks it against every digest that came with it, with a checksum of
 * `fallback` where none came. On any failure, also when the client goes away, nothing remains. */
export async function receiveBlob(
  call: S3Call,
  blobs: Blobs,
  fallback?: ChecksumAlgorithm,
): Promise<Received> {
  const body = new StatedBody(call);
  const digests = new Digests(body.algorithm ?? fallback);
  const draft = await blobs.write(body.read(digests), body.length);
  return { draft, ...digests.result };
}

/** Writes bytes that are already ours into a blob. */
export async function copyBlob(
  bytes: AsyncIterable<Buffer>,
  size: number,
  blobs: Blobs,
  algorithm: ChecksumAlgorithm | undefined,
): Promise<Received> {
  const digests = new Digests(algorithm);
  const draft = await blobs.write(digests.over(bytes), size);
  return { draft, ...digests.result };
}

/** Reads a small body, an XML document, into memory. Throws as `receiveBlob`, and MalformedXML when too long. */
export async function receiveDocument(call: S3Call): Promise<Buffer> {
  const body = new StatedBody(call);
  if (body.length > MAX_DOCUMENT_BYTES) throw s3Error('MalformedXML');
  return Buffer.concat(await Array.fromAsync(body.read(new Digests(body.algorithm))));
}

/** What is computed while bytes go by; `result` is there once all have. */
class Digests {
  readonly #algorithm: ChecksumAlgorithm | undefined;
  result: Omit<Received, 'draft'> = { etag: '', checksum: undefined };

  constructor(algorithm: ChecksumAlgorithm | undefined) {
    this.#algorithm = algorithm;
  }

  async *over(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const md5 = createHash('md5');
    const running = this.#algorithm && startChecksum(this.#algorithm);
    for await (const chunk of bytes) {
      md5.update(chunk);
      running?.update(chunk);
      yield chunk;
    }
    const checksum = this.#algorithm &&
      running && {
        algorithm: this.#algorithm,
        type: 'FULL_OBJECT' as const,
        value: await base64Digest(running),
      };
    this.result = { etag: md5.digest('hex'), checksum };
  }
}

/** A request's body and what its headers state of it. */
class StatedBody {
  /** In bytes, without framing. */
  readonly length: number;
  /** Of the checksum that comes with it, or that the client asks to have computed. */
  readonly algorithm: ChecksumAlgorithm | undefined;
  readonly #call: S3Call;
  readonly #hash: string;
  readonly #isFramed: boolean;

  /** Throws what is wrong with the headers alone. */
  constructor(call: S3Call) {
    const { headers } = call;
    this.#call = call;
    this.#hash = headers['x-amz-content-sha256'] ?? '';
    this.#isFramed =
      this.#hash.startsWith('STREAMING-') || /\baws-chunked\b/.test(headers['content-encoding'] ?? '');
    this.length = requireLength(headers[this.#isFramed ? 'x-amz-decoded-content-length' : 'content-length']);
    if (!/^([A-Za-z0-9+/]{21}[AQgw]==)?$/.test(headers['content-md5'] ?? '')) throw s3Error('InvalidDigest');
    this.algorithm = statedAlgorithm(call);
  }

  /** The bytes without their framing; throws at their end unless they are what the headers and trailers state. */
  async *read(digests: Digests): AsyncGenerator<Buffer> {
    // A reader that stops early must not tear down the socket: the error has still to be answered.
    const wire = this.#call.request.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    const trailers = new Map<string, string>();
    const sha256 = /^[0-9a-f]{64}$/i.test(this.#hash) ? createHash('sha256') : undefined;
    let size = 0;
    for await (const chunk of digests.over(this.#isFramed ? decodeAwsChunked(wire, trailers) : wire)) {
      size += chunk.length;
      if (size > this.length) break;
      sha256?.update(chunk);
      yield chunk;
    }
    if (size !== this.length) throw s3Error('IncompleteBody');
    const md5 = Buffer.from(digests.result.etag, 'hex').toString('base64');
    if ((this.#call.headers['content-md5'] ?? md5) !== md5) throw s3Error('BadDigest');
    requireSameSha256(this.#hash, sha256?.digest('hex'));
    if (digests.result.checksum) requireChecksum(this.#call, digests.result.checksum, trailers);
  }
}

function requireSameSha256(stated: string, computed: string | undefined): void {
  if (computed === undefined || stated.toLowerCase() === computed) return;
  throw s3Error('XAmzContentSHA256Mismatch', {
    ClientComputedContentSHA256: stated,
    S3ComputedContentSHA256: computed,
  });
}

function requireChecksum(call: S3Call, computed: Checksum, trailers: Map<string, string>): void {
  const { algorithm, value } = computed;
  const header = checksumHeader(algorithm);
  const stated = call.headers[header] ?? trailers.get(header);
  if (stated === undefined && announcedTrailers(call).includes(header))
    throw s3Error('MalformedTrailerError');
  if (stated === undefined || requireChecksumValue(algorithm, stated) === value) return;
  throw s3Error('BadDigest', {}, `The ${algorithm} you specified did not match the calculated checksum.`);
}

function announcedTrailers(call: S3Call): string[] {
  return (call.headers['x-amz-trailer'] ?? '').split(',').map((name) => name.trim().toLowerCase());
}

function statedAlgorithm(call: S3Call): ChecksumAlgorithm | undefined {
  const names = [...Object.keys(call.headers), ...announcedTrailers(call)];
  const stated = CHECKSUM_ALGORITHMS.filter((algorithm) => names.includes(checksumHeader(algorithm)));
  if (stated.length > 1) {
    throw invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const asked = call.headers['x-amz-sdk-checksum-algorithm'];
  return stated[0] ?? (asked ? parseAlgorithm(asked) : undefined);
}

function requireLength(stated: string | undefined): number {
  const length = Number(stated ?? Number.NaN);
  if (!Number.isSafeInteger(length)) throw s3Error('MissingContentLength');
  if (length <= MAX_UPLOAD_BYTES) return length;
  throw s3Error('EntityTooLarge', { ProposedSize: length, MaxSizeAllowed: MAX_UPLOAD_BYTES });
}
