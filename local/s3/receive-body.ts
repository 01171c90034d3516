import { createHash } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import { decodeAwsChunked, incompleteBody } from './aws-chunked.ts';
import type { Blobs } from './blobs.ts';
import type { S3Call } from './call.ts';
import {
  ALGORITHMS,
  type ChecksumAlgorithm,
  checksumHeader,
  parseAlgorithm,
  requireChecksumValue,
  startChecksum,
} from './checksum.ts';

const MAX_UPLOAD_BYTES = 5 * 1024 ** 3;
const MAX_DOCUMENT_BYTES = 8 * 1024 ** 2;

/** Bytes that lie in a blob file which nothing refers to yet. `md5` is hexadecimal, `checksum` base64. */
export interface ReceivedBlob {
  readonly blob: string;
  readonly size: number;
  readonly md5: string;
  readonly algorithm: ChecksumAlgorithm | undefined;
  readonly checksum: string | undefined;
}

/** Streams a request's body into a new blob file and checks it against every digest that came with it, with a
 * checksum of `fallback` where none came. On any failure, also when the client goes away, the file is gone. */
export async function receiveBlob(
  call: S3Call,
  blobs: Blobs,
  fallback?: ChecksumAlgorithm,
): Promise<ReceivedBlob> {
  const trailers = new Map<string, string>();
  const digests = new Digests(announcedAlgorithm(call) ?? fallback);
  return await writeBlob(checkedBody(call, digests, trailers), blobs, digests);
}

/** Writes bytes that are already ours into a new blob file. */
export function copyBlob(
  bytes: AsyncIterable<Buffer>,
  blobs: Blobs,
  algorithm: ChecksumAlgorithm | undefined,
): Promise<ReceivedBlob> {
  const digests = new Digests(algorithm);
  return writeBlob(digests.over(bytes), blobs, digests);
}

/** Reads a small body, an XML document, into memory. Throws as `receiveBlob`, and MalformedXML when too long. */
export async function receiveDocument(call: S3Call): Promise<Buffer> {
  const digests = new Digests(announcedAlgorithm(call));
  const chunks: Buffer[] = [];
  for await (const chunk of checkedBody(call, digests, new Map())) {
    if (digests.size > MAX_DOCUMENT_BYTES)
      throw new AwsError('MalformedXML', 'The XML document is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function writeBlob(
  bytes: AsyncIterable<Buffer>,
  blobs: Blobs,
  digests: Digests,
): Promise<ReceivedBlob> {
  const blob = await blobs.write(bytes);
  return {
    blob,
    size: digests.size,
    md5: digests.md5,
    algorithm: digests.algorithm,
    checksum: digests.checksum,
  };
}

/** What is counted and computed while bytes go by; the digests are there once all have. */
class Digests {
  readonly algorithm: ChecksumAlgorithm | undefined;
  size = 0;
  md5 = '';
  sha256 = '';
  checksum: string | undefined;

  constructor(algorithm: ChecksumAlgorithm | undefined) {
    this.algorithm = algorithm;
  }

  async *over(bytes: AsyncIterable<Buffer>, withSha256 = false): AsyncGenerator<Buffer> {
    const md5 = createHash('md5');
    const sha256 = withSha256 ? createHash('sha256') : undefined;
    const checksum = this.algorithm && startChecksum(this.algorithm);
    for await (const chunk of bytes) {
      for (const running of [md5, sha256, checksum]) running?.update(chunk);
      this.size += chunk.length;
      yield chunk;
    }
    this.md5 = md5.digest('hex');
    this.sha256 = sha256?.digest('hex') ?? '';
    this.checksum = checksum?.digest().toString('base64');
  }
}

/** The body without its framing; throws at its end unless it has every digest that the request states. */
async function* checkedBody(
  call: S3Call,
  digests: Digests,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const { headers } = call;
  const hash = headers['x-amz-content-sha256'] ?? '';
  const framed = hash.startsWith('STREAMING-') || /\baws-chunked\b/.test(headers['content-encoding'] ?? '');
  const length = (framed ? headers['x-amz-decoded-content-length'] : undefined) ?? headers['content-length'];
  requireLength(length);
  requireMd5Form(headers['content-md5']);
  // A reader that stops early must not tear down the socket: the error has still to be answered.
  const body = call.request.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  const isHash = /^[0-9a-f]{64}$/i.test(hash);
  yield* digests.over(framed ? decodeAwsChunked(body, trailers) : body, isHash);
  if (framed && headers['x-amz-decoded-content-length'] && Number(length) !== digests.size)
    throw incompleteBody();
  const md5 = Buffer.from(digests.md5, 'hex').toString('base64');
  if ((headers['content-md5'] ?? md5) !== md5) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  if (isHash && hash.toLowerCase() !== digests.sha256) {
    const members = { ClientComputedContentSHA256: hash, S3ComputedContentSHA256: digests.sha256 };
    const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    throw new AwsError('XAmzContentSHA256Mismatch', message, 400, members);
  }
  requireChecksum(call, digests, trailers);
}

function requireChecksum(call: S3Call, digests: Digests, trailers: Map<string, string>): void {
  const { algorithm, checksum } = digests;
  if (!algorithm) return;
  const header = checksumHeader(algorithm);
  const stated = call.headers[header] ?? trailers.get(header);
  if (stated === undefined && announcedTrailers(call).includes(header)) {
    throw new AwsError(
      'MalformedTrailerError',
      'The request contained trailing data that was not well-formed.',
    );
  }
  if (stated === undefined || requireChecksumValue(algorithm, stated) === checksum) return;
  throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
}

function announcedTrailers(call: S3Call): string[] {
  return (call.headers['x-amz-trailer'] ?? '').split(',').map((name) => name.trim().toLowerCase());
}

/** The checksum that comes with this body, or that the client asks to have computed. */
function announcedAlgorithm(call: S3Call): ChecksumAlgorithm | undefined {
  const names = [...Object.keys(call.headers), ...announcedTrailers(call)];
  const stated = ALGORITHMS.filter((algorithm) => names.includes(checksumHeader(algorithm)));
  if (stated.length > 1) {
    const message = 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.';
    throw new AwsError('InvalidRequest', message);
  }
  const asked = call.headers['x-amz-sdk-checksum-algorithm'];
  return stated[0] ?? (asked ? parseAlgorithm(asked) : undefined);
}

function requireLength(length: string | undefined): void {
  if (length === undefined) {
    throw new AwsError('MissingContentLength', 'You must provide the Content-Length HTTP header.', 411);
  }
  if (Number(length) <= MAX_UPLOAD_BYTES) return;
  const members = { ProposedSize: length, MaxSizeAllowed: MAX_UPLOAD_BYTES };
  throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, members);
}

function requireMd5Form(value: string | undefined): void {
  if (value === undefined || /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(value)) return;
  throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.');
}
