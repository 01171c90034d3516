import { type Case, GOOD_ROWS } from '../case.ts';

const lines = (...rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('');
const FIRST = '{"y":0,"a":1,"t":"red"}';
const SECOND = '{"y":1,"a":2,"t":"blue"}';
const after = (...rows: readonly string[]): string => lines(FIRST, SECOND, ...rows);
const aside = (rule: string, count = 1) => ({ rows: 2, aside: { [rule]: count } });
const jsonl = (
  name: string,
  content: Case['content'],
  ends: Case['ends'],
  rest: Partial<Case> = {},
): Case => ({
  name,
  content,
  key: 'drop.jsonl',
  ends,
  ...rest,
});
const declared = { data: { format: 'jsonl' } };

export const jsonLines: readonly Case[] = [
  jsonl('two objects', after(), GOOD_ROWS),
  jsonl('with CR LF', after().replaceAll('\n', '\r\n'), GOOD_ROWS),
  jsonl('without a line end at the end', after().trimEnd(), GOOD_ROWS),
  jsonl('with a byte order mark', `\ufeff${after()}`, GOOD_ROWS),
  jsonl('with empty lines and lines of blanks', `${FIRST}\n\n   \n${SECOND}\n\n`, GOOD_ROWS),
  jsonl('with blanks in front of the first brace', `  ${after()}`, GOOD_ROWS, declared),
  jsonl('under the name of a CSV', after(), GOOD_ROWS, { key: 'drop.csv' }),
  jsonl('numbers as text', lines('{"y":"0","a":"1","t":"red"}', '{"y":"1","a":" 2 ","t":"blue"}'), GOOD_ROWS),
  jsonl(
    'keys in another order, and further ones',
    lines('{"t":"red","m":[1],"a":1,"y":0}', SECOND),
    GOOD_ROWS,
  ),
  jsonl('a key that is absent', after('{"y":1,"t":"z"}'), aside('missing')),
  jsonl('a null', after('{"y":1,"a":null,"t":"z"}'), aside('missing')),
  jsonl('a list for a cell', after('{"y":1,"a":[3],"t":"z"}'), aside('not-a-cell')),
  jsonl('an object for a cell', after('{"y":1,"a":{"b":3},"t":"z"}'), aside('not-a-cell')),
  jsonl('an empty list for a cell', after('{"y":1,"a":3,"t":[]}'), aside('not-a-cell')),
  jsonl('a truth value for a number', after('{"y":1,"a":true,"t":"z"}'), aside('not-a-number')),
  jsonl('a truth value for a text', after('{"y":1,"a":3,"t":true}'), { rows: 3 }),
  jsonl('the same key twice, the last of which counts', after('{"y":1,"a":3,"a":4,"t":"z"}'), {
    rows: 3,
    train: ['0,1', '1,2', '1,4'],
  }),
  jsonl('__proto__ as a key', after('{"y":1,"a":3,"t":"z","__proto__":{"a":9}}'), {
    rows: 3,
    train: ['0,1', '1,2', '1,3'],
  }),
  jsonl('__proto__ instead of a cell', after('{"y":1,"t":"z","__proto__":{"a":9}}'), aside('missing')),
  jsonl('a key of the prototype that is absent', lines('{"y":0}'), /^no row is clean/, {
    data: {
      columns: [
        { name: 'y', type: 'integer' },
        { name: 'constructor', type: 'number' },
      ],
    },
  }),
  jsonl('a number beyond a double', after('{"y":1,"a":1E400,"t":"z"}'), aside('out-of-range')),
  jsonl('a negative number beyond a double', after('{"y":1,"a":-1E400,"t":"z"}'), aside('out-of-range')),
  jsonl('a number that is too small for a double', after('{"y":1,"a":1e-400,"t":"z"}'), {
    rows: 3,
    train: ['0,1', '1,2', '1,0'],
  }),
  jsonl('minus zero', after('{"y":1,"a":-0,"t":"z"}'), { rows: 3, train: ['0,1', '1,2', '1,0'] }),
  jsonl('an integer beyond 2^53', after('{"y":9007199254740993,"a":3,"t":"z"}'), aside('out-of-range')),
  jsonl('a whole number with an exponent', after('{"y":1e0,"a":3e2,"t":"z"}'), {
    rows: 3,
    train: ['0,1', '1,2', '1,300'],
  }),
  jsonl('NaN', after('{"y":1,"a":NaN,"t":"z"}'), aside('not-json')),
  jsonl('a leading zero', after('{"y":01,"a":3,"t":"z"}'), aside('not-json')),
  jsonl('a plus sign', after('{"y":+1,"a":3,"t":"z"}'), aside('not-json')),
  jsonl('a trailing comma', after('{"y":1,"a":3,"t":"z",}'), aside('not-json')),
  jsonl('single quotes', after("{'y':1,'a':3,'t':'z'}"), aside('not-json')),
  jsonl('a comment', after('// the rest is from May'), aside('not-json')),
  jsonl('two objects on a line', after(`${FIRST}${SECOND}`), aside('not-json')),
  jsonl('a line that is cut off', after('{"y":1,"a":3,"t"'), aside('not-json')),
  jsonl('a last line that is cut off', `${after()}{"y":1,"a":3`, aside('not-json')),
  jsonl('a list on a line', after('[1,3,"z"]'), aside('not-json')),
  jsonl('a number on a line', after('5'), aside('not-json')),
  jsonl('null on a line', after('null'), aside('not-json')),
  jsonl('a control character in a text', after('{"y":1,"a":3,"t":"x\\u0007y"}'), aside('control-character')),
  jsonl('an escaped NUL in a text', after('{"y":1,"a":3,"t":"x\\u0000y"}'), aside('control-character')),
  jsonl('a newline in a text', after('{"y":1,"a":3,"t":"x\\ny"}'), { rows: 3 }),
  jsonl('half of a surrogate pair in a text', after('{"y":1,"a":3,"t":"\\ud800"}'), { rows: 3 }),
  jsonl(
    'a NUL in the file',
    after('{"y":1,"a":3,"t":"x\0"}'),
    /^this is a binary file \(it holds NUL bytes\)/,
  ),
  jsonl(
    'invalid UTF-8',
    Buffer.from([...Buffer.from(after('{"y":1,"t":"')), 0xff]),
    /^this is a binary file \(it is not valid UTF-8\)/,
  ),
  jsonl(
    'a thousand levels of brackets',
    after(`{"y":1,"a":3,"t":${'['.repeat(1000)}${']'.repeat(1000)}}`),
    aside('not-a-cell'),
  ),
  jsonl(
    'a million levels of brackets',
    after(`{"y":1,"a":3,"t":${'['.repeat(1_000_000)}`),
    aside('not-json'),
  ),
  jsonl(
    'pretty-printed',
    JSON.stringify([{ y: 0, a: 1, t: 'x' }], null, 2),
    /^(no row is clean|the header lacks|.*one JSON object a line)/,
    declared,
  ),
  jsonl('one pretty-printed object', JSON.stringify({ y: 0, a: 1, t: 'x' }, null, 2), /^no row is clean/),
  jsonl('one big list', `[${FIRST},${SECOND}]\n`, /^no row is clean/, declared),
  jsonl(
    'one big list that nobody declared to be JSON',
    `[${FIRST},${SECOND}]\n`,
    /^the header (lacks the columns y, a, t|has text after a closing quote)/,
  ),
  jsonl('an empty object', '{}\n', /^no row is clean/),
  jsonl('blank lines only', '\n\n  \n', /^the file has no rows/, declared),
  jsonl('a CSV that is declared to be JSON Lines', 'y,a,t\n0,1,x\n', /^no row is clean/, declared),
  jsonl('a text at the limit of a cell', after(`{"y":1,"a":3,"t":"${'z'.repeat(32_768)}"}`), { rows: 3 }),
  jsonl(
    'a text above the limit of a cell',
    after(`{"y":1,"a":3,"t":"${'z'.repeat(32_769)}"}`),
    /^line 3 has a cell of more than 32,768 bytes/,
  ),
  jsonl(
    'a line above the limit of a row',
    after(`{"y":1,"m":"${'z'.repeat(8 * 1024 ** 2)}"}`),
    /^line 3 has a row of more than 8,388,608 bytes/,
  ),
  jsonl(
    '10,001 keys',
    after(`{"y":1,"a":3,"t":"z",${Array.from({ length: 9998 }, (_, at) => `"f${at}":1`).join(',')}}`),
    /^line 3 has more than 10,000 cells/,
  ),
];
