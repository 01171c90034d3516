/**
 * What AWS's documentation and its open source matcher say of patterns, as vectors: for each pattern the events that it
 * takes and those that it refuses, and for each bad pattern EventBridge's reason.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html
 * https://github.com/aws/event-ruler
 */
import { flatten } from './flatten.ts';
import { compilePattern, matches } from './pattern.ts';

interface Vectors {
  readonly pattern: unknown;
  readonly takes: readonly unknown[];
  readonly refuses: readonly unknown[];
}

/** A filter on one field `f`; `ABSENT` is an event without it. */
const ABSENT = Symbol('absent');
const onField = (
  filters: readonly unknown[],
  takes: readonly unknown[],
  refuses: readonly unknown[],
): Vectors => {
  const event = (f: unknown) => (f === ABSENT ? { detail: { g: 1 } } : { detail: { f } });
  return { pattern: { detail: { f: filters } }, takes: takes.map(event), refuses: refuses.map(event) };
};

const TRAINED = {
  version: '0',
  id: '5c1a9d1e-0000-4000-8000-000000000001',
  'detail-type': 'ModelTrained.v1',
  source: 'ratchet.training',
  account: '000000000000',
  time: '2026-11-24T18:43:48Z',
  region: 'eu-central-1',
  resources: ['arn:aws:s3:::artifacts/models/digits/m1', 'arn:aws:s3:::artifacts/models/digits/m2'],
  detail: { pipeline: 'digits', accuracy: 0.93, rows: 8000, tags: [], note: null, label: '' },
};

const EXACT: readonly Vectors[] = [
  {
    pattern: { source: ['ratchet.training'] },
    takes: [TRAINED],
    refuses: [{}, { source: 'ratchet' }, { source: null }],
  },
  {
    pattern: { source: ['x', 'ratchet.training'] },
    takes: [TRAINED],
    refuses: [{ ...TRAINED, source: 'y' }],
  },
  {
    pattern: {
      source: ['ratchet.training'],
      'detail-type': ['ModelTrained.v1'],
      detail: { pipeline: ['digits'] },
    },
    takes: [TRAINED],
    refuses: [
      { ...TRAINED, source: 'ratchet.ingest' },
      { ...TRAINED, detail: { pipeline: 'iris' } },
      { ...TRAINED, detail: 'digits' },
    ],
  },
  {
    pattern: { resources: ['arn:aws:s3:::artifacts/models/digits/m2', 'other'] },
    takes: [TRAINED],
    refuses: [{ resources: [] }],
  },
  onField(['A'], ['A', ['B', 'A']], ['a', 'A ', ['B'], [], {}, { A: 1 }, ABSENT]),
  onField([''], ['', ['', 'x']], ['x', null, ABSENT, []]),
  onField([null], [null, [1, null]], ['null', '', 0, false, [], ABSENT]),
  onField([true], [true, [false, true]], [false, 'true', 1]),
  onField([false], [false], [true, 'false', 0, null, ABSENT]),
  onField([300], [300, 300.0, 3e2, [1, 300]], ['300', 301]),
  onField([3.018e2], [301.8], [301.80001]),
  onField([0], [0, -0], ['0', null, false, '']),
  onField(['ü', '\u{1F600}'], ['ü', '\u{1F600}'], ['u', 'u\u0308']),
  {
    pattern: { detail: { a: { b: { c: [1] } } } },
    takes: [{ detail: { a: { b: { c: 1 } } } }],
    refuses: [{ detail: { a: { b: 1 } } }],
  },
  {
    pattern: { detail: { 'a.b': [1] } },
    takes: [{ detail: { a: { b: 1 } } }, { detail: { 'a.b': 1 } }],
    refuses: [{ detail: { a: 1 } }],
  },
  {
    pattern: { detail: { a: [1] }, 'detail.a': [2] },
    takes: [],
    refuses: [{ detail: { a: 1 } }, { detail: { a: 2 } }],
  },
];

const FILTERS: readonly Vectors[] = [
  onField([{ prefix: 'eu-' }], ['eu-central-1', 'eu-', ['us-1', 'eu-1']], ['EU-1', 'e', 5, null, [], ABSENT]),
  onField([{ prefix: '' }], ['', 'x'], [1, null, true, ABSENT]),
  onField(
    [{ prefix: { 'equals-ignore-case': 'EventB' } }],
    ['eventbridge', 'EVENTB', 'EventBus'],
    ['event', 'xEventB', 7],
  ),
  onField([{ suffix: '.png' }], ['a.png', '.png'], ['a.PNG', 'png', 'a.png ', 5]),
  onField([{ suffix: { 'equals-ignore-case': '.png' } }], ['a.PNG', 'b.pNg'], ['a.png.gz', 1]),
  onField(
    [{ 'equals-ignore-case': 'alice' }],
    ['ALICE', 'Alice', ['bob', 'aLiCe']],
    ['alic', 'alicea', 5, null, ABSENT],
  ),
  onField([{ 'equals-ignore-case': '' }], [''], ['x']),
  onField([{ 'equals-ignore-case': 'Ärger' }], ['äRGER'], ['arger']),
  onField(
    [{ wildcard: 'dir/*.png' }],
    ['dir/a.png', 'dir/.png', 'dir/x/y.png'],
    ['dir/a.jpg', 'x/dir/a.png', 'dir/a.PNG'],
  ),
  onField([{ wildcard: '*' }], ['', 'anything'], [1, null, ABSENT]),
  onField([{ wildcard: 'exactly' }], ['exactly'], ['exactly ', 'Exactly']),
  onField([{ wildcard: '*a*b*' }], ['ab', 'xaybz'], ['ba', 'a']),
  onField([{ wildcard: '*ab' }], ['aab', 'abab'], ['aba']),
  onField([{ wildcard: 'a*a' }], ['aa', 'aba'], ['a']),
  onField([{ wildcard: 'C:\\\\*\\*' }], ['C:\\x*', 'C:\\*'], ['C:\\x', 'C:x*']),
  onField([{ exists: true }], [0, null, '', false, [1]], [ABSENT, [], {}, { inner: 1 }]),
  onField([{ exists: false }], [ABSENT, [], {}, { inner: 1 }], [0, null, '', [null]]),
  onField([{ numeric: ['=', 5] }], [5, 5.0, [1, 5]], ['5', 5.5, null, ABSENT]),
  onField([{ numeric: ['<', 10] }], [9, -1e6, 9.999999], [10, '9']),
  onField([{ numeric: ['<=', 10] }], [10], [10.000001]),
  onField([{ numeric: ['>', 10] }], [10.5], [10]),
  onField([{ numeric: ['>=', 10] }], [10], [9.9]),
  onField([{ numeric: ['>', 0, '<=', 5] }], [5, 0.1], [0, 5.1]),
  onField([{ numeric: ['>=', 0, '<', 5] }], [0, 4.9], [5, -0.1]),
  onField([{ numeric: ['<', -1] }], [-1.5], [-1, 0]),
  onField(
    [{ cidr: '10.0.0.0/24' }],
    ['10.0.0.0', '10.0.0.255', ['x', '10.0.0.7']],
    ['10.0.1.0', '10.0.0', 'x', 5],
  ),
  onField([{ cidr: '10.1.2.3/8' }], ['10.255.0.1'], ['11.0.0.0']),
  onField([{ cidr: '0.0.0.0/0' }], ['255.255.255.255'], ['::1']),
  onField([{ cidr: '2001:db8::/32' }], ['2001:db8::1', '2001:0DB8:1::'], ['2001:db9::', '10.0.0.1']),
];

const ANYTHING_BUT: readonly Vectors[] = [
  onField(
    [{ 'anything-but': 'initializing' }],
    ['running', '', null, 5, true],
    ['initializing', ABSENT, [], {}],
  ),
  onField(
    [{ 'anything-but': ['stopped', 'overloaded'] }],
    ['ok', ['stopped', 'ok']],
    ['stopped', 'overloaded', ['stopped']],
  ),
  onField([{ 'anything-but': 123 }], [124, '123', null], [123, 123.0, ABSENT]),
  onField([{ 'anything-but': [100, 200] }], [300, 'x'], [100, 200]),
  onField([{ 'anything-but': 0 }], [1, '', false], [0]),
  onField([{ 'anything-but': { prefix: 'init' } }], ['ok', 5, null], ['initializing', ABSENT]),
  onField([{ 'anything-but': { prefix: ['init', 'error'] } }], ['ok'], ['init', 'error: x', ABSENT]),
  onField([{ 'anything-but': { suffix: '.txt' } }], ['a.csv', 5], ['a.txt', ABSENT]),
  onField([{ 'anything-but': { suffix: ['.txt', '.rtf'] } }], ['a.csv'], ['a.txt', 'a.rtf']),
  onField(
    [{ 'anything-but': { 'equals-ignore-case': 'initializing' } }],
    ['ok', null],
    ['INITIALIZING', ABSENT],
  ),
  onField([{ 'anything-but': { 'equals-ignore-case': ['a', 'b'] } }], ['c'], ['A', 'b']),
  onField([{ 'anything-but': { wildcard: '*/lib/*' } }], ['/usr/bin/x', 5], ['/usr/lib/x', ABSENT]),
  onField(
    [{ 'anything-but': { wildcard: ['*/lib/*', '*/bin/*'] } }],
    ['/usr/x'],
    ['/usr/lib/x', '/usr/bin/x'],
  ),
];

const COMBINED: readonly Vectors[] = [
  onField(['a', { prefix: 'b' }, { numeric: ['>', 5] }, null], ['a', 'bc', 6, null], ['c', 5, true, ABSENT]),
  onField([{ exists: false }, 'a'], [ABSENT, 'a'], ['b']),
  onField([{ exists: false }, { exists: true }], [ABSENT, 1, []], []),
  onField([{ 'anything-but': 'a' }, 'a'], ['a', 'b'], [ABSENT]),
  {
    pattern: {
      time: [{ prefix: '2026-11-24' }],
      detail: { accuracy: [{ numeric: ['>', 0.9] }], rows: [{ 'anything-but': [0] }] },
    },
    takes: [TRAINED],
    refuses: [{ ...TRAINED, time: '2026-11-25T00:00:00Z' }],
  },
  {
    pattern: { detail: { tags: [{ exists: false }], note: [null], label: [''] } },
    takes: [TRAINED],
    refuses: [{ detail: { note: null } }],
  },
];

const RUNS = {
  detail: {
    runs: [
      { id: 'r1', phase: 'failed', models: [{ name: 'a', ok: true }] },
      {
        id: 'r2',
        phase: 'promoted',
        models: [
          { name: 'b', ok: true },
          { name: 'c', ok: false },
        ],
      },
    ],
  },
};
const runs = (pattern: unknown, is: boolean): Vectors => ({
  pattern: { detail: { runs: pattern } },
  takes: is ? [RUNS] : [],
  refuses: is ? [] : [RUNS],
});

const ARRAYS: readonly Vectors[] = [
  runs({ id: ['r2'], phase: ['promoted'] }, true),
  runs({ id: ['r1'], phase: ['promoted'] }, false),
  runs({ id: ['r1', 'r2'], phase: ['failed'] }, true),
  runs({ id: ['r2'], models: { name: ['c'], ok: [false] } }, true),
  runs({ id: ['r2'], models: { name: ['b'], ok: [false] } }, false),
  runs({ id: ['r1'], models: { name: ['c'] } }, false),
  runs({ models: { name: ['a'] } }, true),
  runs({ phase: [{ 'anything-but': 'failed' }], id: [{ exists: true }] }, true),
  onField(['x'], [[['x']], [['y'], ['x']]], [[['y']]]),
  {
    pattern: { a: { b: [1] }, c: { b: [2] } },
    takes: [{ a: [{ b: 1 }], c: [{ b: 3 }, { b: 2 }] }],
    refuses: [{ a: [{ b: 2 }], c: [{ b: 1 }] }],
  },
];

const METRIC = { $or: [{ name: ['cpu'] }, { namespace: ['ec2', 'es'], scope: ['all'] }] };
const OR: readonly Vectors[] = [
  {
    pattern: { source: ['cw'], ...METRIC },
    takes: [
      { source: 'cw', name: 'cpu' },
      { source: 'cw', namespace: 'es', scope: 'all' },
    ],
    refuses: [
      { source: 'cw' },
      { name: 'cpu' },
      { source: 'cw', namespace: 'es' },
      { source: 'cw', name: 'x', scope: 'all' },
    ],
  },
  {
    pattern: { ...METRIC, detail: { $or: [{ s: [1] }, { t: [{ exists: false }] }] } },
    takes: [
      { name: 'cpu', detail: { s: 1, t: 0 } },
      { name: 'cpu', detail: { u: 0 } },
    ],
    refuses: [{ name: 'cpu', detail: { t: 0 } }, { detail: { s: 1 } }],
  },
  {
    pattern: { $or: [{ a: [1] }, { b: [1], $or: [{ c: [1] }, { d: [1] }] }] },
    takes: [{ a: 1 }, { b: 1, c: 1 }, { b: 1, d: 1 }],
    refuses: [{ b: 1 }, { c: 1, d: 1 }],
  },
  {
    pattern: { detail: { $or: [{ n: [{ numeric: ['>', 5] }] }, { f: [{ prefix: 'x' }] }] } },
    takes: [{ detail: { n: 6 } }, { detail: { n: 1, f: 'xy' } }],
    refuses: [{ detail: { n: 5, f: 'y' } }],
  },
  // Fewer than two objects, no array, or operators in it: a field of that name.
  { pattern: { $or: { a: [1] } }, takes: [{ $or: { a: 1 } }], refuses: [{ a: 1 }] },
  { pattern: { $or: ['a', 'b'] }, takes: [{ $or: 'a' }], refuses: [{ a: 1 }] },
  {
    pattern: { $or: [{ prefix: 'a' }, { suffix: 'b' }] },
    takes: [{ $or: 'ax' }, { $or: 'xb' }],
    refuses: [{ $or: 'x' }],
  },
];

const verdicts = [EXACT, FILTERS, ANYTHING_BUT, COMBINED, ARRAYS, OR]
  .flat()
  .flatMap(({ pattern, takes, refuses }) => [
    ...takes.map((event) => ({ pattern, event, expected: true })),
    ...refuses.map((event) => ({ pattern, event, expected: false })),
  ]);

const onlyText = (operator: string) => `${operator} match pattern must be a string`;
const ANYTHING_BUT_VALUE = 'Value of anything-but must be an array or single string/number value.';
const IN_LIST = 'Inside anything but list, start|null|boolean is not supported.';
const MIXED = 'Inside anything but list, either all values are number or string, mixed type is not supported';
const IN_CASE_LIST =
  'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.';
const ONE_KEY = 'Only one key allowed in match expression';
const TOO_COMPLEX =
  'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character';

/** What a whole pattern is refused for. */
const BAD_PATTERNS: readonly [unknown, string][] = [
  [[1], 'Filter is not an object'],
  ['text', 'Filter is not an object'],
  [{}, 'Empty objects are not allowed'],
  [{ detail: {} }, 'Empty objects are not allowed'],
  [{ a: [] }, 'Empty arrays are not allowed'],
  [{ a: 1 }, '"a" must be an object or an array'],
  [{ detail: { a: 'text' } }, '"a" must be an object or an array'],
  [{ a: null }, '"a" must be an object or an array'],
  [{ a: [['x']] }, 'Match value must be String, number, true, false, or null'],
];

/** What a filter is refused for. */
const BAD_FILTERS: readonly [unknown, string][] = [
  [{}, 'Match expression name not found'],
  [{ PREFIX: 'x' }, 'Unrecognized match type PREFIX'],
  [{ constructor: 'x' }, 'Unrecognized match type constructor'],
  [{ prefix: 'x', suffix: 'y' }, ONE_KEY],
  [{ prefix: 5 }, onlyText('prefix')],
  [{ prefix: ['x'] }, onlyText('prefix')],
  [{ prefix: null }, onlyText('prefix')],
  [{ prefix: {} }, 'Prefix expression name not found'],
  [{ prefix: { wildcard: 'x' } }, 'Unsupported prefix pattern: wildcard'],
  [{ prefix: { 'equals-ignore-case': ['x'] } }, onlyText('equals-ignore-case')],
  [{ suffix: 5 }, onlyText('suffix')],
  [{ suffix: ['x'] }, onlyText('suffix')],
  [{ suffix: {} }, 'Suffix expression name not found'],
  [{ suffix: { prefix: 'x' } }, 'Unsupported suffix pattern: prefix'],
  [{ 'equals-ignore-case': 5 }, onlyText('equals-ignore-case')],
  [{ 'equals-ignore-case': ['x'] }, onlyText('equals-ignore-case')],
  [{ 'equals-ignore-case': { prefix: 'x' } }, onlyText('equals-ignore-case')],
  [{ wildcard: 5 }, onlyText('wildcard')],
  [{ wildcard: ['x'] }, onlyText('wildcard')],
  [{ wildcard: 'abc**' }, 'Consecutive wildcard characters at pos 4'],
  [{ wildcard: 'ü**' }, 'Consecutive wildcard characters at pos 3'],
  [{ wildcard: 'a\\b' }, 'Invalid escape character at pos 2'],
  [{ wildcard: 'a*\\' }, 'Invalid escape character at pos 3'],
  [{ wildcard: '*:*:*:*:*:event-bus/*' }, TOO_COMPLEX],
  [{ 'anything-but': { wildcard: ['*a*a*a*a*a*a'] } }, TOO_COMPLEX],
  [{ numeric: 10 }, 'Value of numeric must be an array.'],
  [{ numeric: [] }, 'Invalid member in numeric match: ]'],
  [{ numeric: [5] }, 'Invalid member in numeric match: 5'],
  [{ numeric: ['==', 5] }, 'Unrecognized numeric range operator: =='],
  [{ numeric: ['=', '5'] }, 'Value of equals must be numeric'],
  [{ numeric: ['='] }, 'Value of equals must be numeric'],
  [{ numeric: ['<', true] }, 'Value of < must be numeric'],
  [{ numeric: ['>', 0, '<'] }, 'Value of < must be numeric'],
  [{ numeric: ['>', 0, '>', 0] }, 'Bad numeric range operator: >'],
  [{ numeric: ['>', 0, 5] }, 'Bad value in numeric range: 5'],
  [{ numeric: ['=', 1, '<', 2] }, 'Too many elements in numeric expression'],
  [{ numeric: ['<', 1, '>', 0] }, 'Too many elements in numeric expression'],
  [{ numeric: ['>', 0, '<', 5, 6] }, 'Too many terms in numeric range expression'],
  [{ numeric: ['>', 5, '<', 5] }, 'Bottom must be less than top'],
  [{ numeric: ['>', 5e9 + 1] }, 'Value must be between -5.0E9 and 5.0E9, inclusive'],
  [{ cidr: 5 }, onlyText('prefix')],
  [{ cidr: ['10.0.0.0/8'] }, onlyText('prefix')],
  [{ cidr: '10.0.0.0' }, "Malformed CIDR, one '/' required"],
  [{ cidr: '10.0.0.0/8/8' }, "Malformed CIDR, one '/' required"],
  [{ cidr: '10.0.0.0/x' }, 'Malformed CIDR, mask bits must be an integer'],
  [{ cidr: '10.0.0.0/-1' }, 'Malformed CIDR, mask bits must not be negative'],
  [{ cidr: '10.0.0.0/32' }, 'IPv4 mask bits must be < 32'],
  [{ cidr: '::/128' }, 'IPv6 mask bits must be < 128'],
  [{ cidr: 'xx.11.xx/8' }, 'Nonstandard IP address: xx.11.xx'],
  [{ exists: 'true' }, 'exists match pattern must be either true or false.'],
  [{ 'anything-but': null }, ANYTHING_BUT_VALUE],
  [{ 'anything-but': true }, ANYTHING_BUT_VALUE],
  [{ 'anything-but': ['x', null] }, IN_LIST],
  [{ 'anything-but': [['x']] }, IN_LIST],
  [{ 'anything-but': ['x', 1] }, MIXED],
  [{ 'anything-but': [] }, MIXED],
  [{ 'anything-but': {} }, 'Anything-But expression name not found'],
  [{ 'anything-but': { numeric: ['=', 5] } }, 'Unsupported anything-but pattern: numeric'],
  [{ 'anything-but': { prefix: '' } }, 'Null prefix/suffix not allowed'],
  [{ 'anything-but': { suffix: ['x', ''] } }, 'Null prefix/suffix not allowed'],
  [{ 'anything-but': { prefix: 5 } }, 'prefix/suffix match pattern must be a string'],
  [{ 'anything-but': { suffix: [null] } }, 'prefix/suffix match pattern must be a string'],
  [{ 'anything-but': { prefix: { 'equals-ignore-case': 'x' } } }, ANYTHING_BUT_VALUE],
  [{ 'anything-but': { 'equals-ignore-case': [5] } }, IN_CASE_LIST],
  [{ 'anything-but': { wildcard: 5 } }, onlyText('wildcard')],
  [{ 'anything-but': { wildcard: '**' } }, 'Consecutive wildcard characters at pos 1'],
];

const refusals = [
  ...BAD_PATTERNS,
  ...BAD_FILTERS.map(([filter, reason]): [unknown, string] => [{ a: [filter] }, reason]),
];

/** What AWS's documentation and its users show as taken although it looks much like what is refused. */
const VALID: readonly unknown[] = [
  { wildcard: 'arn:aws:events:us-east-1:*:event-bus/*' },
  { wildcard: '/Users/*/dir/dir/dir/dir/dir/doc.txt' },
  { wildcard: '' },
  { 'anything-but': { wildcard: '' } },
  { 'anything-but': { 'equals-ignore-case': '' } },
  { numeric: ['>=', -5e9, '<=', 5e9] },
  { numeric: ['=', 1e-5] },
  { cidr: '::/127' },
];

it('are at least as many as the table of an outside suite', () => {
  expect(verdicts.length).toBeGreaterThanOrEqual(155);
});

it.each(verdicts)('$pattern on $event: $expected', ({ pattern, event, expected }) => {
  expect(matches(compilePattern(JSON.stringify(pattern)), flatten(event))).toBe(expected);
});

it.each(refusals)('%j: %s', (pattern, reason) => {
  const compile = () => compilePattern(JSON.stringify(pattern));
  expect(compile).toThrow(
    expect.objectContaining({
      code: 'InvalidEventPatternException',
      message: `Event pattern is not valid. Reason: ${reason}`,
    }),
  );
});

it.each(VALID)('%j is valid', (filter) => {
  expect(() => compilePattern(JSON.stringify({ a: [filter] }))).not.toThrow();
});
