import { bytes, type Case, GOOD, GOOD_ROWS, HEADER } from '../case.ts';

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const utf32le = (text: string): Buffer =>
  bytes(
    ...Array.from(text, (letter) => [
      letter.codePointAt(0)! & 255,
      (letter.codePointAt(0)! >> 8) & 255,
      0,
      0,
    ]),
  );
const utf32be = (text: string): Buffer => utf32le(text).swap32();
const BOM = [0xef, 0xbb, 0xbf];
const notUtf8 = /^this is a binary file \(it is not valid UTF-8\); text in UTF-8 was expected/;
const utf16 = /^this is a binary file \(it looks like UTF-16 text\); text in UTF-8 was expected/;
const nul = /^this is a binary file \(it (holds NUL bytes|looks like UTF-(16|32) text)\); text in UTF-8/;
const row = (text: Buffer | readonly number[] | string): Buffer => bytes(`${HEADER}\n0,1,`, text, '\n');

/** So many rows that a letter of `text` falls on every place of a chunk. */
const shifted = (text: string): string =>
  `${HEADER}\n${Array.from({ length: 400 }, (_, at) => `${at % 2},${at},${'x'.repeat(at % 7)}${text}\n`).join('')}`;

export const encodings: readonly Case[] = [
  { name: 'UTF-8 with a byte order mark', content: bytes(BOM, GOOD), ends: GOOD_ROWS },
  { name: 'UTF-8 with two byte order marks', content: bytes(BOM, BOM, GOOD), ends: GOOD_ROWS },
  {
    name: 'a byte order mark before a quoted header',
    content: bytes(BOM, '"y","a","t"\n0,1,red\n1,2,blue\n'),
    ends: GOOD_ROWS,
  },
  {
    name: 'a byte order mark in the middle, where files were joined',
    content: bytes(GOOD, BOM, '0,3,x\n'),
    ends: { rows: 3, train: ['0,1', '1,2', '0,3'] },
  },
  {
    name: 'a byte order mark before a second header',
    content: bytes(GOOD, BOM, GOOD),
    ends: { rows: 2, aside: { 'not-an-integer': 1, duplicate: 2 } },
  },
  { name: 'half of a byte order mark', content: bytes([0xef, 0xbb], GOOD), ends: notUtf8 },
  {
    name: 'UTF-16, little-endian, with its mark',
    content: bytes([0xff, 0xfe], Buffer.from(GOOD, 'utf16le')),
    ends: utf16,
  },
  { name: 'UTF-16, big-endian, with its mark', content: bytes([0xfe, 0xff], utf16be(GOOD)), ends: utf16 },
  { name: 'UTF-16, little-endian, without a mark', content: Buffer.from(GOOD, 'utf16le'), ends: nul },
  { name: 'UTF-16, big-endian, without a mark', content: utf16be(GOOD), ends: nul },
  {
    name: 'UTF-32, little-endian, with its mark',
    content: bytes([0xff, 0xfe, 0, 0], utf32le(GOOD)),
    ends: nul,
  },
  { name: 'UTF-32, big-endian, with its mark', content: bytes([0, 0, 0xfe, 0xff], utf32be(GOOD)), ends: nul },
  { name: 'UTF-32, big-endian, without a mark', content: utf32be(GOOD), ends: nul },
  { name: 'Latin-1', content: row([0x4d, 0xfc, 0x6e]), ends: notUtf8 },
  { name: 'Windows-1252', content: row([0x80, 0x35]), ends: notUtf8 },
  { name: 'Shift-JIS', content: row([0x93, 0xfa, 0x96, 0x7b]), ends: notUtf8 },
  {
    name: 'UTF-8 and Latin-1, mixed',
    content: bytes(row('München'), bytes('1,2,', [0x4d, 0xfc], '\n')),
    ends: notUtf8,
  },
  { name: 'a letter that is cut off at the end', content: bytes(GOOD, '1,3,', [0xc3]), ends: notUtf8 },
  { name: 'a letter without its beginning', content: row([0xa9]), ends: notUtf8 },
  { name: 'an overlong letter', content: row([0xc1, 0x81]), ends: notUtf8 },
  { name: 'an overlong NUL', content: row([0xc0, 0x80]), ends: notUtf8 },
  { name: 'half of a surrogate pair', content: row([0xed, 0xa0, 0x80]), ends: notUtf8 },
  { name: 'a letter beyond Unicode', content: row([0xf4, 0x90, 0x80, 0x80]), ends: notUtf8 },
  { name: 'two-byte letters on every edge of a chunk', content: shifted('é'), ends: { rows: 400 } },
  { name: 'four-byte letters on every edge of a chunk', content: shifted('🦆🦆'), ends: { rows: 400 } },
  { name: 'an invalid byte behind the first chunk', content: bytes(shifted('x'), [0xff]), ends: notUtf8 },
  {
    name: 'the replacement character, where somebody has decoded badly',
    content: row('M\ufffdn'),
    ends: { rows: 1 },
  },
  {
    name: 'characters that Unicode has not assigned',
    content: row('\u{e000}\u{10fffe}\uffff'),
    ends: { rows: 1 },
  },
];
