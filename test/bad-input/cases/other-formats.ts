import { randomBytes } from 'node:crypto';
import { bytes, type Case, GOOD, type Piece } from '../case.ts';

const tail = randomBytes(3000);
const binary = (name: string, what: RegExp, ...begin: readonly Piece[]): Case => ({
  name,
  content: bytes(...begin, tail),
  ends: new RegExp(`^this is a binary file \\(.*${what.source}.*\\); text in UTF-8 was expected`),
});
const ANY = /(NUL|UTF-8|looks like)/;

/** An archive of one stored file: local header, content; what follows does not matter. */
const zip = (name: string): Buffer =>
  bytes(
    'PK\x03\x04',
    [20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0],
    [name.length, 0, 0, 0],
    name,
    'hi',
  );

export const otherFormats: readonly Case[] = [
  binary('a zip archive', /zip archive or an Excel workbook/, zip('data.csv')),
  binary('an Excel workbook', /zip archive or an Excel workbook/, zip('[Content_Types].xml')),
  binary('an empty zip archive', ANY, 'PK\x05\x06', Buffer.alloc(18)),
  binary('an old Excel workbook', ANY, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
  binary('a PDF file', /a PDF file/, '%PDF-1.7\n'),
  binary('a PNG picture', ANY, [0x89], 'PNG\r\n', [0x1a, 0x0a, 0, 0, 0, 13], 'IHDR'),
  binary('a JPEG picture', ANY, [0xff, 0xd8, 0xff, 0xe0, 0, 16], 'JFIF'),
  binary('a GIF picture', ANY, 'GIF89a'),
  binary('a program', ANY, [0x7f], 'ELF', [2, 1, 1, 0]),
  binary('an SQLite database', ANY, 'SQLite format 3\0'),
  binary('an Avro file', ANY, 'Obj\x01'),
  binary('an ORC file', ANY, 'ORC'),
  binary('an Arrow file', ANY, 'ARROW1\0\0'),
  binary('a NumPy array', ANY, [0x93], 'NUMPY\x01\0'),
  binary('a pickle', ANY, [0x80, 4, 0x95]),
  binary('an HDF5 file', ANY, [0x89], 'HDF\r\n', [0x1a, 0x0a]),
  binary('a tar archive', ANY, 'data.csv', Buffer.alloc(92), '0000644'),
  binary('a 7z archive', ANY, '7z', [0xbc, 0xaf, 0x27, 0x1c, 0, 4]),
  binary('a bzip2 file', ANY, 'BZh91AY&SY'),
  binary('an xz file', ANY, [0xfd], '7zXZ', [0, 0, 4]),
  binary('an LZ4 file', ANY, [0x04, 0x22, 0x4d, 0x18]),
  binary('noise', ANY, [0xc0, 0x00]),
  {
    name: 'zeros',
    content: Buffer.alloc(5000),
    ends: /^this is a binary file \(it holds NUL bytes\); text in UTF-8/,
  },
  {
    name: 'a NUL in a cell',
    content: `${GOOD}1,3,a\0b\n`,
    ends: /^this is a binary file \(it holds NUL bytes\)/,
  },
  {
    name: 'a NUL at the very end',
    content: `${GOOD}\0`,
    ends: /^this is a binary file \(it holds NUL bytes\)/,
  },
  {
    name: 'a web page',
    content:
      '<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body>Please sign in</body></html>\n',
    ends: /^the header lacks the columns y, a, t; it has <!DOCTYPE html>/,
  },
  {
    name: 'an XML file',
    content: '<?xml version="1.0"?>\n<rows><row y="0" a="1" t="red"/></rows>\n',
    ends: /^the header lacks the columns y, a, t; it has <\?xml version="1\.0"\?>/,
  },
  {
    name: 'a YAML file',
    content: 'rows:\n  - { y: 0, a: 1, t: red }\n',
    ends: /^the header lacks the columns y, a, t; it has rows:/,
  },
  {
    name: "Excel's line that names the delimiter",
    content: `sep=,\n${GOOD}`,
    ends: /^the header lacks the columns y, a, t; it has sep=/,
  },
  {
    name: 'a comment before the header',
    content: `# exported on Monday\n${GOOD}`,
    ends: /^the header lacks the columns y, a, t; it has # exported on Monday/,
  },
  {
    name: "an object of Git LFS's",
    content: 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
    ends: /^the header lacks the columns y, a, t; it has version https/,
  },
];
