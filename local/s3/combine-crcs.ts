/** Reflected polynomials. CRC-32C: RFC 3720, appendix B.4. CRC-64/NVME: NVM command set 1.0d, section 5.2.1.3.4. */
const POLYNOMIALS: Readonly<Record<string, bigint>> = {
  CRC32: 0xedb88320n,
  CRC32C: 0x82f63b78n,
  CRC64NVME: 0x9a6c9329ac4bc9b5n,
};

/** The CRC (big-endian) of `size` bytes. */
export interface SizedCrc {
  readonly crc: Buffer;
  readonly size: number;
}

/** The CRC of byte strings put together, from their own, in order (as zlib's crc32_combine). */
export function combineCrcs(algorithm: string, parts: readonly SizedCrc[]): Buffer {
  const width = parts[0]!.crc.length;
  const bits = BigInt(8 * width);
  const polynomial = POLYNOMIALS[algorithm]!;

  /** Polynomials over GF(2): the highest bit is the coefficient of x⁰. */
  const timesX = (value: bigint) => (value & 1n ? (value >> 1n) ^ polynomial : value >> 1n);
  function multiply(a: bigint, b: bigint): bigint {
    let product = 0n;
    let factor = b;
    for (let mask = 1n << (bits - 1n); mask > 0n; mask >>= 1n) {
      if (a & mask) product ^= factor;
      factor = timesX(factor);
    }
    return product;
  }

  /** x to the number of bits in `size` bytes. Parts are mostly of one size. */
  const powers = new Map<number, bigint>();
  function power(size: number): bigint {
    let result = powers.get(size);
    if (result !== undefined) return result;
    result = 1n << (bits - 1n);
    let square = 1n << (bits - 9n);
    for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) result = multiply(square, result);
      square = multiply(square, square);
    }
    powers.set(size, result);
    return result;
  }

  const whole = parts.reduce(
    (sum, { crc, size }) => multiply(power(size), sum) ^ BigInt(`0x${crc.toString('hex')}`),
    0n,
  );
  return Buffer.from(whole.toString(16).padStart(2 * width, '0'), 'hex');
}
