import { randomBytes } from 'node:crypto';
import { constants, crc32, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { bytes, type Case, GOOD, GOOD_ROWS, HEADER } from '../case.ts';

const gzipped = gzipSync(GOOD);
const zstd = zstdCompressSync(GOOD);
const half = (packed: Buffer): Buffer => packed.subarray(0, packed.length >> 1);
const damaged = (what: string): RegExp => new RegExp(`^the ${what} data is damaged`);
/** Compresses badly, so that a cut falls into the data. */
const noisy = `${HEADER}\n${Array.from({ length: 2000 }, (_, at) => `${at % 2},${at},${randomBytes(12).toString('hex')}\n`).join('')}`;
const flipped = (packed: Buffer, at: number): Buffer => {
  const copy = Buffer.from(packed);
  copy[at < 0 ? copy.length + at : at]! ^= 0xff;
  return copy;
};

/** With a check sum, which is an option of zstd. */
const checked = (text: string): Buffer =>
  zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });

/** A gzip file whose header holds everything that it may. */
function gzipWithExtras(): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(GOOD), 0);
  trailer.writeUInt32LE(GOOD.length, 4);
  const header = [0x1f, 0x8b, 8, 0x1c, 0, 0, 0, 0, 0, 255];
  return bytes(header, [4, 0, 65, 66, 0, 0], 'name.csv\0', 'a comment\0', deflateRawSync(GOOD), trailer);
}

const skippable = bytes([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0], 'skip');
const SMALL = { freeBytes: 1000, expansion: 10, unpackedBytes: 5000 };
/** 120 kB that packs to a few hundred bytes. */
const bomb = `${HEADER}\n${'0,1,x\n'.repeat(20_000)}`;

async function* realBomb() {
  // 256 MB of rows: more than 64 MiB and 200 times their packed size.
  const member = gzipSync(`${HEADER}\n${'\n'.repeat(32 * 1024 ** 2)}`, { level: 9 });
  for (let count = 0; count < 8; count += 1) yield member;
}

export const packed: readonly Case[] = [
  { name: 'gzip', content: gzipped, key: 'drop.csv.gz', ends: GOOD_ROWS },
  { name: 'gzip under another name', content: gzipped, ends: GOOD_ROWS },
  { name: 'gzip with a name, a comment and extra fields', content: gzipWithExtras(), ends: GOOD_ROWS },
  { name: 'zstd', content: zstd, key: 'drop.csv.zst', ends: GOOD_ROWS },
  { name: 'text under the name of gzip', content: GOOD, key: 'drop.csv.gz', ends: GOOD_ROWS },
  {
    name: 'two gzip members, one file cut in two',
    content: bytes(gzipSync(GOOD.slice(0, 10)), gzipSync(GOOD.slice(10))),
    ends: GOOD_ROWS,
  },
  {
    name: 'two zstd frames, one file cut in two',
    content: bytes(zstdCompressSync(GOOD.slice(0, 10)), zstdCompressSync(GOOD.slice(10))),
    ends: GOOD_ROWS,
  },
  {
    name: 'an empty gzip member between two',
    content: bytes(gzipSync(GOOD.slice(0, 10)), gzipSync(''), gzipSync(GOOD.slice(10))),
    ends: GOOD_ROWS,
  },
  { name: 'a zstd frame and one to be skipped', content: bytes(zstd, skippable), ends: GOOD_ROWS },
  {
    name: 'gzip with zeros behind it, as tapes have them',
    content: bytes(gzipped, Buffer.alloc(512)),
    ends: GOOD_ROWS,
  },
  {
    name: 'gzip with garbage behind it',
    content: bytes(gzipped, 'garbage'),
    ends: /^(the gzip data is damaged|.*behind)/,
  },
  {
    name: 'gzip with text behind it',
    content: bytes(gzipped, '1,3,x\n'),
    ends: /^(the gzip data is damaged|.*behind)/,
  },
  { name: 'zstd with garbage behind it', content: bytes(zstd, 'garbage'), ends: damaged('zstd') },
  { name: 'gzip that is torn', content: half(gzipSync(noisy)), ends: damaged('gzip') },
  { name: 'gzip without its last byte', content: gzipped.subarray(0, -1), ends: damaged('gzip') },
  { name: 'gzip without its last eight bytes', content: gzipped.subarray(0, -8), ends: damaged('gzip') },
  { name: 'only the beginning of gzip', content: gzipped.subarray(0, 10), ends: damaged('gzip') },
  { name: 'two bytes of gzip', content: gzipped.subarray(0, 2), ends: damaged('gzip') },
  { name: 'gzip with a wrong check sum', content: flipped(gzipped, -6), ends: damaged('gzip') },
  { name: 'gzip with a wrong length', content: flipped(gzipped, -2), ends: damaged('gzip') },
  { name: 'gzip with a wrong byte within', content: flipped(gzipSync(noisy), 5000), ends: damaged('gzip') },
  { name: 'gzip of an unknown method', content: flipped(gzipped, 2), ends: damaged('gzip') },
  { name: 'zstd that is torn', content: half(zstdCompressSync(noisy)), ends: damaged('zstd') },
  { name: 'zstd without its last byte', content: zstd.subarray(0, -1), ends: damaged('zstd') },
  { name: 'only the beginning of zstd', content: zstd.subarray(0, 4), ends: damaged('zstd') },
  {
    name: 'zstd with a wrong byte within',
    content: flipped(checked(noisy), 5000),
    ends: damaged('zstd'),
  },
  { name: 'nothing, packed by gzip', content: gzipSync(''), ends: /^the file is empty/ },
  { name: 'nothing, packed by zstd', content: zstdCompressSync(''), ends: /^the file is empty/ },
  {
    name: 'gzip in gzip',
    content: gzipSync(gzipped),
    ends: /^this is a binary file \(it looks like gzip data\); text in UTF-8/,
  },
  {
    name: 'zstd in gzip',
    content: gzipSync(zstd),
    ends: /^this is a binary file \(it looks like zstd data\); text in UTF-8/,
  },
  {
    name: 'a zip archive in gzip',
    content: gzipSync(bytes('PK\x03\x04', Buffer.alloc(30))),
    ends: /^this is a binary file \(it looks like a zip archive/,
  },
  {
    name: 'a tar archive in gzip',
    content: gzipSync(bytes('drop.csv', Buffer.alloc(92), '0000644', Buffer.alloc(400), GOOD)),
    ends: /^this is a binary file \(it holds NUL bytes\)/,
  },
  {
    name: 'Latin-1 in gzip',
    content: gzipSync(bytes(GOOD, '1,3,', [0xfc], '\n')),
    ends: /^this is a binary file \(it is not valid UTF-8\)/,
  },
  {
    name: 'gzip that unpacks to as much as may be',
    content: gzipSync(GOOD),
    limits: { unpackedBytes: GOOD.length },
    ends: GOOD_ROWS,
  },
  {
    name: 'gzip that unpacks to a byte more',
    content: gzipSync(GOOD),
    limits: { unpackedBytes: GOOD.length - 1 },
    ends: /^the file unpacks to more than the allowed 22 bytes/,
  },
  {
    name: 'a gzip bomb',
    content: gzipSync(bomb),
    limits: SMALL,
    ends: /^the file unpacks to more than the allowed [\d,]+ bytes/,
  },
  {
    name: 'a zstd bomb',
    content: zstdCompressSync(bomb),
    limits: SMALL,
    ends: /^the file unpacks to more than the allowed [\d,]+ bytes/,
  },
  {
    name: 'a gzip bomb by its ratio alone',
    content: gzipSync(bomb),
    limits: { freeBytes: 1000, expansion: 10 },
    ends: /^the file unpacks to more than the allowed [\d,]+ bytes/,
  },
  {
    name: 'gzip of much, within the ratio',
    content: gzipSync(bomb),
    ends: { rows: 1, aside: { duplicate: 19_999 } },
  },
  {
    name: 'a gzip bomb of 256 MB against the limits as they are',
    content: realBomb,
    size: 8 * 33_000,
    ends: /^the file unpacks to more than the allowed [\d,]+ bytes/,
  },
  {
    name: 'a packed file above the limit of packed bytes',
    content: gzipped,
    limits: { partBytes: gzipped.length - 1 },
    ends: /^the file is larger than the allowed \d+ bytes/,
  },
];
