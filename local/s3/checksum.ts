import { createHash } from 'node:crypto';
import { Crc32, Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { combineCrcs, type SizedCrc } from './combine-crcs.ts';
import { invalidRequest } from './s3-error.ts';

/** S3's additional checksums ("Checking object integrity", S3 user guide): how each begins, and its length in bytes. */
const ALGORITHMS = {
  CRC32: { start: () => new Crc32(), bytes: 4 },
  CRC32C: { start: () => new Crc32c(), bytes: 4 },
  CRC64NVME: { start: () => new Crc64Nvme(), bytes: 8 },
  SHA1: { start: () => createHash('sha1'), bytes: 20 },
  SHA256: { start: () => createHash('sha256'), bytes: 32 },
} as const;
export type ChecksumAlgorithm = keyof typeof ALGORITHMS;
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';
export const CHECKSUM_ALGORITHMS = Object.keys(ALGORITHMS) as ChecksumAlgorithm[];

/** `value` is base64, with `-<parts>` behind it when the type is COMPOSITE. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  readonly value: string;
}

/** A checksum over a stream of bytes; `digest` is big-endian, as S3 writes it in base64. */
export interface RunningDigest {
  update(bytes: Uint8Array): unknown;
  digest(): Promise<Uint8Array> | Uint8Array;
}

export function startChecksum(algorithm: ChecksumAlgorithm): RunningDigest {
  return ALGORITHMS[algorithm].start();
}

export async function base64Digest(running: RunningDigest): Promise<string> {
  return Buffer.from(await running.digest()).toString('base64');
}

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** Throws InvalidRequest for an algorithm that S3 does not have. */
export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const known = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase());
  if (known) return known;
  const all = CHECKSUM_ALGORITHMS.join(', ');
  throw invalidRequest(
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${all}]`,
  );
}

/** Throws InvalidRequest unless `value` is base64 of as many bytes as the algorithm gives. */
export function requireChecksumValue(algorithm: ChecksumAlgorithm, value: string): string {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === ALGORITHMS[algorithm].bytes && bytes.toString('base64') === value) return value;
  throw invalidRequest(`Value for ${checksumHeader(algorithm)} header is invalid.`);
}

/** What S3 uses for a multipart upload that names no type. Throws InvalidRequest for a pair it does not have. */
export function resolveChecksumType(algorithm: ChecksumAlgorithm, asked: string | undefined): ChecksumType {
  const type = asked?.toUpperCase() ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  if (type === 'FULL_OBJECT' && algorithm.startsWith('CRC')) return type;
  if (type === 'COMPOSITE' && algorithm !== 'CRC64NVME') return type;
  throw invalidRequest(
    `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
}

/** The checksum of a whole multipart object from those of its parts. */
export async function checksumOfParts(
  { algorithm, type }: Omit<Checksum, 'value'>,
  parts: readonly { readonly checksum: string | null; readonly size: number }[],
): Promise<Checksum> {
  const sized: SizedCrc[] = parts.map(({ checksum, size }) => ({
    crc: Buffer.from(checksum ?? '', 'base64'),
    size,
  }));
  if (type === 'FULL_OBJECT')
    return { algorithm, type, value: combineCrcs(algorithm, sized).toString('base64') };
  const running = startChecksum(algorithm);
  running.update(Buffer.concat(sized.map(({ crc }) => crc)));
  return { algorithm, type, value: `${await base64Digest(running)}-${parts.length}` };
}
