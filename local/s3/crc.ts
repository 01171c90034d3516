/** A checksum over a stream of bytes; `digest` is big-endian, as S3 writes it in base64. */
export interface RunningDigest {
  update(bytes: Uint8Array): unknown;
  digest(): Buffer;
}

/** A reflected CRC whose register starts at, and is complemented with, all ones. */
export interface CrcKind {
  readonly bits: 32 | 64;
  readonly polynomial: bigint;
}

/** CRC-32C: RFC 3720, appendix B.4. CRC-64/NVME: NVM command set 1.0d, section 5.2.1.3.4. */
export const CRC_KINDS = {
  CRC32: { bits: 32, polynomial: 0xedb88320n },
  CRC32C: { bits: 32, polynomial: 0x82f63b78n },
  CRC64NVME: { bits: 64, polynomial: 0x9a6c9329ac4bc9b5n },
} as const satisfies Record<string, CrcKind>;

/** Keeps the register as two 32-bit halves, the high one unused by a CRC of 32 bits. */
export function startCrc(kind: CrcKind): RunningDigest {
  const { lows, highs } = tablesOf(kind);
  let low = 0xffffffff;
  let high = kind.bits === 64 ? 0xffffffff : 0;
  return {
    update(bytes) {
      for (let i = 0; i < bytes.length; i++) {
        const index = (low ^ bytes[i]!) & 255;
        low = lows[index]! ^ ((low >>> 8) | (high << 24));
        high = highs[index]! ^ (high >>> 8);
      }
    },
    digest: () => toBytes(kind, (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)),
  };
}

const tables = new Map<CrcKind, { lows: Uint32Array; highs: Uint32Array }>();

function tablesOf(kind: CrcKind): { lows: Uint32Array; highs: Uint32Array } {
  let made = tables.get(kind);
  if (!made) {
    const entries = Array.from({ length: 256 }, (_, byte) => {
      let crc = BigInt(byte);
      for (let bit = 0; bit < 8; bit++) crc = timesX(kind, crc);
      return crc;
    });
    const half = (shift: bigint) => Uint32Array.from(entries, (crc) => Number((crc >> shift) & 0xffffffffn));
    made = { lows: half(0n), highs: half(32n) };
    tables.set(kind, made);
  }
  return made;
}

/** The CRC of two byte strings put together, from their CRCs and the second's length (as zlib's crc32_combine). */
export function combineCrc(kind: CrcKind, first: Buffer, second: Buffer, secondLength: number): Buffer {
  let shifted = BigInt(`0x${first.toString('hex')}`);
  let square = 1n << BigInt(kind.bits - 9);
  for (let rest = secondLength; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shifted = multiply(kind, square, shifted);
    square = multiply(kind, square, square);
  }
  return toBytes(kind, shifted ^ BigInt(`0x${second.toString('hex')}`));
}

/** a·b modulo the polynomial; the highest bit is the coefficient of x⁰. */
function multiply(kind: CrcKind, a: bigint, b: bigint): bigint {
  let product = 0n;
  let factor = b;
  for (let mask = 1n << BigInt(kind.bits - 1); mask > 0n; mask >>= 1n) {
    if (a & mask) product ^= factor;
    factor = timesX(kind, factor);
  }
  return product;
}

function timesX(kind: CrcKind, value: bigint): bigint {
  return value & 1n ? (value >> 1n) ^ kind.polynomial : value >> 1n;
}

function toBytes(kind: CrcKind, value: bigint): Buffer {
  const text = BigInt.asUintN(kind.bits, value).toString(16);
  return Buffer.from(text.padStart(kind.bits / 4, '0'), 'hex');
}
