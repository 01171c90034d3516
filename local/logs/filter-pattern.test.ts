import fc from 'fast-check';
import { Sqlite } from '../sqlite.ts';
import { compilePattern } from './filter-pattern.ts';

const db = new Sqlite(':memory:', '');

/** Whether a message is what a pattern looks for. */
function matches(pattern: string, message: string): boolean {
  const { sql, values } = compilePattern(pattern);
  return (
    db.get<{ found: number }>(`SELECT ${sql} AS found FROM (SELECT ? AS message)`, ...values, message)
      ?.found === 1
  );
}

const MESSAGES = [
  '[ERROR 400] BAD REQUEST',
  '[ERROR 401] UNAUTHORIZED REQUEST',
  '[ERROR 419] MISSING ARGUMENTS',
  '[ERROR 500] INTERNAL SERVER ERROR',
  '[INFO] INVALID ARGUMENTS PROVIDED',
];

/** The numbers in the messages that a pattern leaves. */
const left = (pattern: string) =>
  MESSAGES.filter((message) => matches(pattern, message)).map(
    (message) => /\d+/.exec(message)?.[0] ?? 'INFO',
  );

// The examples of AWS's guide, https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
it.each([
  ['', ['400', '401', '419', '500', 'INFO']],
  ['" "', ['400', '401', '419', '500', 'INFO']],
  ['ERROR', ['400', '401', '419', '500']],
  ['error', []],
  ['ERROR ARGUMENTS', ['419']],
  ['?ERROR ?ARGUMENTS', ['400', '401', '419', '500', 'INFO']],
  ['?401 ?ARGUMENTS', ['401', '419', 'INFO']],
  ['"INTERNAL SERVER ERROR"', ['500']],
  ['ERROR -ARGUMENTS', ['400', '401', '500']],
  ['-ERROR', ['INFO']],
  ['ERROR ?NEVER', ['400', '401', '419', '500']],
])('%s finds what AWS’s guide says', (pattern, expected) => {
  expect(left(pattern)).toEqual(expected);
});

const RECORD = JSON.stringify({
  eventType: 'UpdateTrail',
  sourceIPAddress: '111.111.111.111',
  arrayKey: ['value', 'another value'],
  objectList: [
    { name: 'a', id: 1 },
    { name: 'b', id: 2 },
  ],
  SomeObject: null,
  ThisFlag: true,
  latency: 12.5,
  text: 'say "hi"',
  'cluster.name': 'c',
});

it.each([
  ['{ $.eventType = "UpdateTrail" }', true],
  ['{ $.eventType = UpdateTrail }', true],
  ['{$.eventType="Update*"}', true],
  ['{ $.eventType != "UpdateTrail" }', false],
  ['{ $.absent != "UpdateTrail" }', false],
  ['{ $.sourceIPAddress != 123.123.* }', true],
  ['{ $.sourceIPAddress != 111.111.* }', false],
  ['{ $.arrayKey[0] = "value" }', true],
  ['{ $.arrayKey[1] = "value" }', false],
  ['{ $.arrayKey[0] = "v*e" }', true],
  ['{ $.arrayKey[0] = "val?e" }', false],
  ['{ $.objectList[1].id = 2 }', true],
  ["{ $.['cluster.name'] = c }", true],
  ['{ $.SomeObject IS NULL }', true],
  ['{ $.eventType IS NULL }', false],
  ['{ $.SomeOtherObject NOT EXISTS }', true],
  ['{ $.eventType NOT EXISTS }', false],
  ['{ $.ThisFlag IS TRUE }', true],
  ['{ $.ThisFlag IS FALSE }', false],
  ['{ $.latency >= 12.5 && $.latency < 13 }', true],
  ['{ $.latency = "12.5" }', false],
  ['{ $.text = "say \\"hi\\"" }', true],
  ['{ ($.latency > 20 || $.ThisFlag IS TRUE) && $.eventType = UpdateTrail }', true],
  ['{ $.latency > 20 && $.ThisFlag IS TRUE || $.eventType = UpdateTrail }', true],
  ['{ $.latency > 20 && ($.ThisFlag IS TRUE || $.eventType = UpdateTrail) }', false],
])('%s: %s', (pattern, expected) => {
  expect(matches(pattern, RECORD)).toBe(expected);
  expect(matches(pattern, 'no JSON')).toBe(false);
});

it('finds any text as a phrase, and excludes it', () => {
  const phrase = fc.string({ minLength: 1 }).filter((text) => text.trim() === text && text !== '');
  fc.assert(
    fc.property(fc.string(), phrase, fc.string(), (before, text, after) => {
      const quoted = `"${text.replace(/[\\"]/g, '\\$&')}"`;
      expect(matches(quoted, before + text + after)).toBe(true);
      expect(matches(`-${quoted}`, before + text + after)).toBe(false);
      expect(matches(quoted, before)).toBe(before.includes(text));
    }),
  );
});
