import { setTimeout as sleep } from 'node:timers/promises';
import { type Case, GOOD, GOOD_ROWS, HEADER } from '../case.ts';

const CELL = 32 * 1024;
const ROW = 8 * 1024 ** 2;
const COLUMNS = 10_000;

const withText = (text: string): string => `${HEADER}\n0,1,${text}\n`;
const oneRow = { rows: 1, train: ['0,1'] };
const cellReason = /^line 2 has a cell of more than 32,768 bytes/;

/** A row of `length` bytes, its line end not counted: columns that nobody declared fill it. */
function rowOf(length: number): string {
  const filler = 300;
  const header = `${HEADER}${Array.from({ length: filler }, (_, at) => `,f${at}`).join('')}`;
  const begin = '0,1,x';
  const left = length - begin.length - filler;
  const each = Math.floor(left / filler);
  const cells = Array.from({ length: filler }, (_, at) =>
    'z'.repeat(at === 0 ? left - each * (filler - 1) : each),
  );
  return `${header}\n${begin},${cells.join(',')}\n`;
}

/** A file of so many columns. */
function columnsOf(count: number): string {
  const header = Array.from({ length: count - 3 }, (_, at) => `,f${at}`).join('');
  return `${HEADER}${header}\n0,1,x${',5'.repeat(count - 3)}\n`;
}

const rows = (count: number): string =>
  `${HEADER}\n${Array.from({ length: count }, (_, at) => `${at % 2},${at},x\n`).join('')}`;

const SMALL_PART = { partBytes: GOOD.length };

export const limits: readonly Case[] = [
  { name: 'a cell just below the limit', content: withText('z'.repeat(CELL - 1)), ends: oneRow },
  { name: 'a cell at the limit', content: withText('z'.repeat(CELL)), ends: oneRow },
  { name: 'a cell just above the limit', content: withText('z'.repeat(CELL + 1)), ends: cellReason },
  { name: 'a cell of two-byte letters at the limit', content: withText('é'.repeat(CELL / 2)), ends: oneRow },
  {
    name: 'a cell of two-byte letters above it',
    content: withText(`${'é'.repeat(CELL / 2)}z`),
    ends: cellReason,
  },
  { name: 'a quoted cell at the limit', content: withText(`"${'z'.repeat(CELL)}"`), ends: oneRow },
  { name: 'a quoted cell above the limit', content: withText(`"${'z'.repeat(CELL + 1)}"`), ends: cellReason },
  {
    name: 'a quoted cell of lines above the limit, which is a stray quote',
    content: `${HEADER}\n0,1,"x\n${'1,2,y\n'.repeat(CELL / 6 + 1)}`,
    ends: { rows: 1, aside: { 'broken-quote': 1, duplicate: Math.floor(CELL / 6) }, train: ['1,2'] },
  },
  {
    name: 'a cell above the limit in a column that nobody declared',
    content: `${HEADER},more\n0,1,x,${'z'.repeat(CELL + 1)}\n`,
    ends: cellReason,
  },
  {
    name: 'a header cell above the limit',
    content: `${HEADER},${'z'.repeat(CELL + 1)}\n0,1,x,1\n`,
    ends: /^line 1 has a cell of more than 32,768 bytes/,
  },
  {
    name: 'one endless line',
    content: 'z'.repeat(ROW * 2),
    ends: /^line 1 has a (cell of more than 32,768|row of more than 8,388,608) bytes/,
  },
  { name: 'a row just below the limit', content: rowOf(ROW - 1), ends: oneRow },
  { name: 'a row at the limit', content: rowOf(ROW), ends: oneRow },
  {
    name: 'a row just above the limit',
    content: rowOf(ROW + 1),
    ends: /^line 2 has a row of more than 8,388,608 bytes/,
  },
  { name: '9,999 columns', content: columnsOf(COLUMNS - 1), ends: oneRow },
  { name: '10,000 columns', content: columnsOf(COLUMNS), ends: oneRow },
  { name: '10,001 columns', content: columnsOf(COLUMNS + 1), ends: /^line 1 has more than 10,000 cells/ },
  {
    name: '10,001 cells in a row of three columns',
    content: `${GOOD}${'5,'.repeat(COLUMNS)}5\n`,
    ends: /^line 4 has more than 10,000 cells/,
  },
  {
    name: 'a million commas',
    content: `${GOOD}${','.repeat(1_000_000)}\n`,
    ends: /^line 4 has more than 10,000 cells/,
  },
  { name: 'a file at the limit of bytes', content: GOOD, limits: SMALL_PART, ends: GOOD_ROWS },
  {
    name: 'a file just above the limit of bytes',
    content: `${GOOD} `,
    limits: SMALL_PART,
    ends: /^the file is larger than the allowed 23 bytes/,
  },
  {
    name: 'a file that is longer than storage says',
    content: `${GOOD} `,
    size: 1,
    limits: SMALL_PART,
    ends: /^the file is larger than the allowed 23 bytes/,
  },
  {
    name: 'a file that storage says is too long is not opened',
    content: () => {
      throw new Error('it was opened');
    },
    size: 3 * 1024 ** 3,
    ends: /^the file is larger than the allowed 2,147,483,648 bytes/,
  },
  { name: 'as many rows as may be', content: rows(10), limits: { rows: 10 }, ends: { rows: 10 } },
  {
    name: 'a row more than may be',
    content: rows(11),
    limits: { rows: 10 },
    ends: /^with this file the dataset has more rows than allowed/,
  },
  {
    name: 'a row more than may be, which is torn',
    content: `${rows(10)}1\n`,
    limits: { rows: 10 },
    ends: /^with this file the dataset has more rows than allowed/,
  },
  {
    name: 'two files that only together have a row too many',
    content: [rows(6), rows(5)],
    limits: { rows: 10 },
    ends: /^with this file the dataset has more rows than allowed/,
  },
  {
    name: 'a file that takes too long to come',
    content: async function* () {
      for (const line of GOOD.split('\n')) {
        await sleep(20);
        yield Buffer.from(`${line}\n`);
      }
    },
    limits: { milliseconds: 30 },
    ends: /the dataset takes longer than 0 minutes to prepare/,
  },
];
