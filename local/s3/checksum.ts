import { createHash } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { AwsError } from '../aws-error.ts';
import { CRC_KINDS, combineCrc, type RunningDigest, startCrc } from './crc.ts';

/** S3's additional checksums ("Checking object integrity", S3 user guide) and their lengths in bytes. */
const BYTES = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 } as const;
export type ChecksumAlgorithm = keyof typeof BYTES;
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';
export const ALGORITHMS = Object.keys(BYTES) as ChecksumAlgorithm[];

/** `value` is base64, with `-<parts>` behind it when the type is COMPOSITE. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  readonly value: string;
}

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** Throws InvalidRequest for an algorithm that S3 does not have. */
export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const known = ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase());
  if (known) return known;
  const message = `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${ALGORITHMS.join(', ')}]`;
  throw new AwsError('InvalidRequest', message);
}

/** Throws InvalidRequest unless `value` is base64 of as many bytes as the algorithm gives. */
export function requireChecksumValue(algorithm: ChecksumAlgorithm, value: string): string {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === BYTES[algorithm] && bytes.toString('base64') === value) return value;
  throw new AwsError('InvalidRequest', `Value for ${checksumHeader(algorithm)} header is invalid.`);
}

export function startChecksum(algorithm: ChecksumAlgorithm): RunningDigest {
  switch (algorithm) {
    case 'CRC32':
      return nativeCrc32();
    case 'CRC32C':
    case 'CRC64NVME':
      return startCrc(CRC_KINDS[algorithm]);
    case 'SHA1':
    case 'SHA256':
      return createHash(algorithm.toLowerCase());
  }
}

/** Ten times as fast as the tables, and what most clients use. */
function nativeCrc32(): RunningDigest {
  let crc = 0;
  return {
    update: (bytes) => {
      crc = zlibCrc32(bytes, crc);
    },
    digest: () => Buffer.from(crc.toString(16).padStart(8, '0'), 'hex'),
  };
}

/** What S3 uses for a multipart upload that names no type. Throws InvalidRequest for a pair it does not have. */
export function resolveChecksumType(algorithm: ChecksumAlgorithm, asked: string | undefined): ChecksumType {
  const type = asked?.toUpperCase() ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  if (type === 'FULL_OBJECT' && algorithm in CRC_KINDS) return type;
  if (type === 'COMPOSITE' && algorithm !== 'CRC64NVME') return type;
  const message = `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`;
  throw new AwsError('InvalidRequest', message);
}

/** The checksum of a whole multipart object from those of its parts (base64) and their sizes in bytes. */
export function checksumOfParts(
  { algorithm, type }: Omit<Checksum, 'value'>,
  parts: readonly { readonly checksum: string | undefined; readonly size: number }[],
): Checksum {
  const digests: Buffer[] = parts.map((part) => Buffer.from(part.checksum ?? '', 'base64'));
  if (type === 'COMPOSITE') {
    const running = startChecksum(algorithm);
    running.update(Buffer.concat(digests));
    return { algorithm, type, value: `${running.digest().toString('base64')}-${parts.length}` };
  }
  const kind = CRC_KINDS[algorithm as keyof typeof CRC_KINDS];
  const whole = digests.reduce((sum, digest, index) => combineCrc(kind, sum, digest, parts[index]!.size));
  return { algorithm, type, value: whole.toString('base64') };
}
