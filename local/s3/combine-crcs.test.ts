import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { startChecksum } from './checksum.ts';
import { combineCrcs } from './combine-crcs.ts';

const crcOf = async (algorithm: 'CRC32' | 'CRC32C' | 'CRC64NVME', bytes: Uint8Array) => {
  const running = startChecksum(algorithm);
  running.update(bytes);
  return Buffer.from(await running.digest());
};

it('gives the check values of the catalogues', async () => {
  const check = Buffer.from('123456789');
  expect((await crcOf('CRC32', check)).toString('hex')).toBe('cbf43926');
  expect((await crcOf('CRC32C', check)).toString('hex')).toBe('e3069283');
  expect((await crcOf('CRC64NVME', check)).toString('hex')).toBe('ae8b14860a799888');
});

it('of the whole follows from those of its pieces, whatever their sizes', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.constantFrom('CRC32', 'CRC32C', 'CRC64NVME'), async (parts, algorithm) => {
      const whole = await crcOf(algorithm, Buffer.concat(parts));
      const sized = parts.map(async (part) => ({ crc: await crcOf(algorithm, part), size: part.length }));
      expect(combineCrcs(algorithm, await Promise.all(sized)).equals(whole)).toBe(true);
      if (algorithm === 'CRC32') expect(whole.readUInt32BE()).toBe(crc32(Buffer.concat(parts)));
    }),
  );
});
