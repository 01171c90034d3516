import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { startChecksum } from './checksum.ts';
import { CRC_KINDS, combineCrc } from './crc.ts';

const crcOf = (algorithm: keyof typeof CRC_KINDS, bytes: Uint8Array) => {
  const running = startChecksum(algorithm);
  running.update(bytes);
  return running.digest();
};

it('gives the check values of the catalogues', () => {
  const check = Buffer.from('123456789');
  expect(crcOf('CRC32', check).toString('hex')).toBe('cbf43926');
  expect(crcOf('CRC32C', check).toString('hex')).toBe('e3069283');
  expect(crcOf('CRC64NVME', check).toString('hex')).toBe('ae8b14860a799888');
});

it('does not depend on how the bytes are cut, and combines', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, bytes, fc.constantFrom('CRC32', 'CRC32C', 'CRC64NVME'), (first, second, algorithm) => {
      const whole = crcOf(algorithm, Buffer.concat([first, second]));
      const running = startChecksum(algorithm);
      running.update(first);
      running.update(second);
      expect(running.digest().equals(whole)).toBe(true);
      const combined = combineCrc(
        CRC_KINDS[algorithm],
        crcOf(algorithm, first),
        crcOf(algorithm, second),
        second.length,
      );
      expect(combined.equals(whole)).toBe(true);
      if (algorithm === 'CRC32') expect(whole.readUInt32BE()).toBe(crc32(Buffer.concat([first, second])));
    }),
  );
});
