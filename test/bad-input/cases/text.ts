/** Line ends, quotes, headers, rows of delimited text. */
import { type Case, GOOD, GOOD_ROWS, HEADER } from '../case.ts';

const after = (rows: string): string => `${GOOD}${rows}`;
const aside = (rule: string, count = 1, rows = 2) => ({ rows, aside: { [rule]: count } });
const lacks = (columns: string, has: string) =>
  `the header lacks the column${columns.includes(',') ? 's' : ''} ${columns}; it has ${has}`;
const starts = (text: string): RegExp => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);

export const lineEnds: readonly Case[] = [
  { name: 'CR LF', content: GOOD.replaceAll('\n', '\r\n'), ends: GOOD_ROWS },
  { name: 'CR LF and LF, mixed', content: 'y,a,t\r\n0,1,red\n1,2,blue\r\n', ends: GOOD_ROWS },
  { name: 'CR CR LF', content: GOOD.replaceAll('\n', '\r\r\n'), ends: GOOD_ROWS },
  {
    name: 'CR only, of an old Macintosh',
    content: GOOD.replaceAll('\n', '\r'),
    ends: starts('the header lacks the column t; it has y, a, t\r0'),
  },
  { name: 'no line end at the end', content: GOOD.trimEnd(), ends: GOOD_ROWS },
  { name: 'empty lines between', content: 'y,a,t\n\n0,1,red\n\n\n1,2,blue\n\n', ends: GOOD_ROWS },
  { name: 'empty lines before the header', content: `\n\n${GOOD}`, ends: GOOD_ROWS },
  { name: 'a line of blanks', content: after('   \n'), ends: aside('torn-line') },
  {
    name: 'a line separator of Unicode, which is no line end',
    content: after('1,3,x\u2028y\n'),
    ends: { rows: 3 },
  },
  { name: 'a vertical tab', content: after('1,3,x\vy\n'), ends: aside('control-character') },
  { name: 'a form feed', content: after('1,3,x\fy\n'), ends: aside('control-character') },
  { name: 'an escape sequence', content: after('1,3,\x1b[31mred\n'), ends: aside('control-character') },
  { name: 'a backspace in a number', content: after('1,3\b,x\n'), ends: aside('control-character') },
  {
    name: "the engine's own separators",
    content: after('1,3,\x1f\x1e\x1d\x1c\x1b\n'),
    ends: { rows: 2, aside: { 'control-character': 1 } },
  },
  { name: 'a tab in a cell', content: after('1,3,x\ty\n'), ends: { rows: 3 } },
  { name: 'a DEL, which is allowed', content: after('1,3,x\x7fy\n'), ends: { rows: 3 } },
  { name: 'the end-of-file mark of DOS', content: after('\x1a'), ends: aside('torn-line') },
];

export const quotes: readonly Case[] = [
  { name: 'everything in quotes', content: '"y","a","t"\n"0","1","red"\n"1","2","blue"\n', ends: GOOD_ROWS },
  { name: 'a comma in quotes', content: after('1,3,"x,y"\n'), ends: { rows: 3 } },
  { name: 'a newline in quotes', content: after('1,3,"x\ny"\n0,4,z\n'), ends: { rows: 4 } },
  { name: 'CR LF in quotes', content: after('1,3,"x\r\ny"\r\n'), ends: { rows: 3 } },
  {
    name: 'a thousand newlines in quotes',
    content: after(`1,3,"${'\n'.repeat(1000)}"\n1\n`),
    ends: aside('torn-line', 1, 3),
  },
  { name: 'doubled quotes', content: after('1,3,"say ""hi"""\n'), ends: { rows: 3 } },
  { name: 'nothing but doubled quotes', content: after('1,3,""""\n'), ends: { rows: 3 } },
  { name: 'an empty quoted cell', content: after('1,3,""\n'), ends: { rows: 3 } },
  { name: 'a quoted number', content: after('1,"3",x\n'), ends: { rows: 3, train: ['0,1', '1,2', '1,3'] } },
  { name: 'a quote inside an unquoted cell', content: after('1,3,5" pipe\n'), ends: { rows: 3 } },
  { name: 'a quote behind a blank', content: after('1,3, "x"\n'), ends: { rows: 3 } },
  {
    name: 'text behind a closing quote',
    content: after('1,3,"x"y\n0,4,z\n'),
    ends: aside('broken-quote', 1, 3),
  },
  {
    name: 'a blank behind a closing quote',
    content: after('1,3,"x" \n0,4,z\n'),
    ends: aside('broken-quote', 1, 3),
  },
  { name: 'a quote that never closes', content: after('1,3,"x\n0,4,z\n'), ends: aside('broken-quote', 1, 3) },
  {
    name: 'a quote that never closes, at the very end',
    content: after('1,3,"'),
    ends: aside('broken-quote'),
  },
  {
    name: 'a quote that closes in the next row',
    content: after('1,3,"x\n0,4,"z"\n'),
    ends: aside('broken-quote', 1, 3),
  },
  {
    name: 'a backslash before a quote',
    content: after('1,3,"x\\"y"\n0,4,z\n'),
    ends: aside('broken-quote', 1, 3),
  },
  {
    name: 'single quotes, which are letters',
    content: after("'1','3','x'\n"),
    ends: aside('not-an-integer'),
  },
  { name: 'curly quotes, which are letters', content: after('“1”,3,x\n'), ends: aside('not-an-integer') },
  {
    name: 'a quote that never closes in the header',
    content: `"y,a,t\n0,1,x\n`,
    ends: starts('the header opens a quote that does not close'),
  },
  {
    name: 'text behind a quote in the header',
    content: `"y"s,a,t\n0,1,x\n`,
    ends: starts('the header has text after a closing quote'),
  },
  {
    name: 'a newline in a column name',
    content: 'y,a,t,"more\nthings"\n0,1,red,5\n1,2,blue,6\n',
    ends: GOOD_ROWS,
  },
];

const NFD = 'cafe\u0301';
const cafe = {
  columns: [
    { name: 'y', type: 'integer' },
    { name: 'café', type: 'number' },
  ],
};

export const headers: readonly Case[] = [
  {
    name: 'a declared column twice',
    content: 'y,a,t,a\n0,1,x,2\n',
    ends: starts('the header has the column "a" twice'),
  },
  {
    name: 'the target twice',
    content: 'y,a,t,y\n0,1,x,2\n',
    ends: starts('the header has the column "y" twice'),
  },
  {
    name: 'a declared column twice, once with blanks',
    content: 'y,a,t, a \n0,1,x,2\n',
    ends: starts('the header has the column "a" twice'),
  },
  { name: 'another column twice', content: 'y,a,t,m,m\n0,1,red,5,6\n1,2,blue,5,6\n', ends: GOOD_ROWS },
  { name: 'columns without a name', content: ',y,a,t,,\n9,0,1,red,,\n9,1,2,blue,,\n', ends: GOOD_ROWS },
  { name: 'a blank in front of a name', content: ' y ,\ta,t\u00a0\n0,1,red\n1,2,blue\n', ends: GOOD_ROWS },
  { name: 'a column that is missing', content: 'y,t\n0,x\n', ends: starts(lacks('a', 'y, t')) },
  { name: 'a column in another case', content: 'Y,a,t\n0,1,x\n', ends: starts(lacks('y', 'Y, a, t')) },
  {
    name: 'a column with a zero-width blank in it',
    content: 'y,a\u200b,t\n0,1,x\n',
    ends: starts('the header lacks the column a; it has y, a'),
  },
  {
    name: 'a column in another normal form',
    content: `y,${NFD}\n0,1\n`,
    data: cafe,
    ends: starts(`the header lacks the column café; it has y, ${NFD}`),
  },
  { name: 'a column with letters beyond ASCII', content: 'y,café\n0,1\n', data: cafe, ends: { rows: 1 } },
  { name: 'columns in another order', content: 't,y,a\nred,0,1\nblue,1,2\n', ends: GOOD_ROWS },
  { name: 'no header at all', content: '0,1,red\n1,2,blue\n', ends: starts(lacks('y, a, t', '0, 1, red')) },
  { name: 'a header only', content: `${HEADER}\n`, ends: starts('the file has a header but no rows') },
  { name: 'a header without a line end', content: HEADER, ends: starts('the file has a header but no rows') },
  {
    name: 'a header and empty lines',
    content: `${HEADER}\n\n\r\n\n`,
    ends: starts('the file has a header but no rows'),
  },
  {
    name: 'a header that names 3,000 other columns',
    content: `${Array.from({ length: 3000 }, (_, at) => `f${at}`).join(',')}\n`,
    ends: /^the header lacks the columns y, a, t; it has f0, f1, .* and 2,?988 more/,
  },
  {
    name: 'a header with a name of 300 letters',
    content: `${'n'.repeat(300)}\n1\n`,
    ends: /^the header lacks the columns y, a, t; it has n{59}…/,
  },
  {
    name: 'a name of the prototype',
    content: 'y,a,t,__proto__,constructor\n0,1,red,1,2\n1,2,blue,1,2\n',
    ends: GOOD_ROWS,
  },
  { name: 'semicolons', content: GOOD.replaceAll(',', ';'), ends: GOOD_ROWS },
  { name: 'tabs', content: GOOD.replaceAll(',', '\t'), key: 'drop.tsv', ends: GOOD_ROWS },
  { name: 'bars', content: GOOD.replaceAll(',', '|'), ends: GOOD_ROWS },
  {
    name: 'semicolons with decimal commas',
    content: 'y;a;t\n0;1,5;red\n1;2;blue\n',
    ends: { rows: 1, aside: { 'not-a-number': 1 } },
  },
  {
    name: 'commas in cells of a file of semicolons',
    content: 'y;a;t;"m,n"\n0;1;red, dark;1\n1;2;blue;1\n',
    ends: GOOD_ROWS,
  },
  {
    name: 'colons, which nobody tries',
    content: GOOD.replaceAll(',', ':'),
    ends: starts('the header lacks the columns y, a, t; it has y:a:t'),
  },
  {
    name: 'colons that are declared',
    content: GOOD.replaceAll(',', ':'),
    data: { format: 'csv', delimiter: ':' },
    ends: GOOD_ROWS,
  },
  {
    name: 'another delimiter than declared',
    content: GOOD,
    data: { format: 'csv', delimiter: ';' },
    ends: starts('the header lacks the columns y, a, t; it has y,a,t'),
  },
  {
    name: 'commas in a TSV',
    content: GOOD,
    data: { format: 'tsv' },
    ends: starts('the header lacks the columns y, a, t; it has y,a,t'),
  },
  {
    name: 'a header with one delimiter and rows with another',
    content: `${HEADER}\n0;1;red\n1;2;blue\n`,
    ends: starts('no row is clean'),
  },
  {
    name: 'blanks for delimiters',
    content: GOOD.replaceAll(',', ' '),
    ends: starts('the header lacks the columns y, a, t; it has y a t'),
  },
  {
    name: 'blanks around every cell',
    content: ' y , a , t \n 0 , 1 , red \n 1 , 2 , blue \n',
    ends: GOOD_ROWS,
  },
];

export const empties: readonly Case[] = [
  { name: 'no byte', content: '', ends: starts('the file is empty') },
  { name: 'one newline', content: '\n', ends: starts('the file is empty') },
  { name: 'newlines', content: '\n\r\n\n\r\n', ends: starts('the file is empty') },
  { name: 'blanks', content: '     ', ends: starts('the header lacks the columns y, a, t') },
  { name: 'a byte order mark', content: '\ufeff', ends: /^the (file is empty|header lacks)/ },
  { name: 'a comma', content: ',', ends: starts('the header lacks the columns y, a, t') },
  { name: 'a quote', content: '"', ends: starts('the header opens a quote that does not close') },
  { name: 'one letter', content: 'y', ends: starts('the header lacks the columns a, t; it has y') },
];

const target = (rows: string, data: object) => ({ content: `${HEADER}\n${rows}`, data });
const split = (test: number, validation = 0) => ({ split: { test, validation } });
const quality = (minimumRows: number, maximumQuarantined: number) => ({
  quality: { minimumRows, maximumQuarantined },
});

export const rows: readonly Case[] = [
  { name: 'a row that is too short', content: after('1,3\n'), ends: aside('torn-line') },
  { name: 'a row that is too long', content: after('1,3,x,9\n'), ends: aside('torn-line') },
  { name: 'a row of one cell', content: after('1\n'), ends: aside('torn-line') },
  {
    name: 'a comma at the end of every row',
    content: 'y,a,t\n0,1,red,\n1,2,blue,\n',
    ends: starts('no row is clean'),
  },
  { name: 'a row that breaks off at the end of the file', content: after('1,3'), ends: aside('torn-line') },
  {
    name: 'rows that are torn in both directions',
    content: after('1\n1,3,x,9\n1,3\n,,,\n'),
    ends: aside('torn-line', 4),
  },
  { name: 'a row of blanks', content: after(' , , \n'), ends: aside('missing') },
  { name: 'the header again', content: after(`${HEADER}\n`), ends: aside('not-an-integer') },
  { name: 'one row', content: `${HEADER}\n0,1,x\n`, ends: { rows: 1 } },
  { name: 'all rows put aside', content: `${HEADER}\nx,1,a\ny,2,b\n`, ends: starts('no row is clean') },
  { name: 'all rows torn', content: `${HEADER}\n1\n2\n`, ends: starts('no row is clean') },
  {
    name: 'all rows the same',
    content: `${HEADER}\n${'0,1,x\n'.repeat(1000)}`,
    ends: { rows: 1, aside: { duplicate: 999 } },
  },
  {
    name: 'all rows the same, which are kept',
    ...target('0,1,x\n'.repeat(50), { duplicates: 'keep' }),
    ends: { rows: 50 },
  },
  {
    name: 'rows that are the same in another notation',
    content: after('0,1.0,red\n+1,2e0,blue\n'),
    ends: aside('duplicate', 2),
  },
  {
    name: 'rows that are the same in another normal form',
    content: `${HEADER}\n0,1,café\n0,1,${NFD}\n`,
    ends: { rows: 1, aside: { duplicate: 1 } },
  },
  { name: 'the same file twice', content: [GOOD, GOOD], ends: { rows: 2, aside: { duplicate: 2 } } },
  { name: 'a good file and an empty one', content: [GOOD, ''], ends: starts('the file is empty') },
  { name: 'two files with other columns each', content: [GOOD, 't,a,more,y\nz,9,5,1\n'], ends: { rows: 3 } },
  {
    name: 'a target that never changes',
    content: `${HEADER}\n${Array.from({ length: 40 }, (_, at) => `1,${at},x\n`).join('')}`,
    ends: { rows: 40 },
  },
  {
    name: 'a class that is there once only',
    content: `${HEADER}\n${Array.from({ length: 40 }, (_, at) => `${at === 7 ? 1 : 0},${at},x\n`).join('')}`,
    ends: { rows: 40 },
  },
  {
    name: 'fewer rows than required',
    content: GOOD,
    data: quality(3, 1),
    ends: starts('there are 2 clean rows, fewer than the required 3'),
  },
  { name: 'as many rows as required', content: GOOD, data: quality(2, 1), ends: GOOD_ROWS },
  {
    name: 'more bad rows than allowed',
    content: after('1,x,z\n'),
    data: quality(1, 0.3),
    ends: starts('1 of 3 rows (33.3 %) are quarantined, more than the allowed 30 %'),
  },
  {
    name: 'as many bad rows as allowed',
    content: after('1,x,z\n0,y,z\n'),
    data: quality(1, 0.5),
    ends: aside('not-a-number', 2),
  },
  {
    name: 'duplicates beyond the share, which are no evidence',
    content: after(GOOD.slice(HEADER.length + 1)),
    data: quality(1, 0),
    ends: aside('duplicate', 2),
  },
  {
    name: 'a split that leaves nothing to test on',
    content: `${HEADER}\n0,1,x\n`,
    data: split(0.001),
    ends: starts('the split of 1 clean row'),
  },
  {
    name: 'a split that leaves nothing to train on',
    content: `${HEADER}\n0,1,x\n`,
    data: split(0.999),
    ends: starts('the split of 1 clean row'),
  },
  {
    name: 'rows of one key, which all fall on one side',
    content: `${HEADER},k\n${Array.from({ length: 30 }, (_, at) => `1,${at},x,same\n`).join('')}`,
    data: {
      split: { test: 0.5, key: ['k'] },
      columns: [
        { name: 'y', type: 'integer' },
        { name: 'a', type: 'number' },
        { name: 'k', type: 'text' },
      ],
    },
    ends: starts('the split of 30 clean rows leaves none for '),
  },
];
