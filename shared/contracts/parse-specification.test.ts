import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { layOut } from './data-layout.ts';
import { parseSpecification, preparationDigest } from './parse-specification.ts';

const BASE = `name: icing
data:
  columns:
    - { name: y, type: integer, minimum: 0, maximum: 1 }
    - { name: temperature, type: number }
    - { name: humidity, type: number }
    - name: country
      type: text
      canonical: { Canada: [CA], Norway: [NOR] }
      encode: one-hot
    - { name: note, type: text }
  derive:
    - { name: joined, formula: temperature * humidity }
  target: y
  split: { test: 0.2, validation: 0.1 }
train:
  image: xgboost
evaluate:
  metric: accuracy
  prediction: label
  required: 0.8
`;

/** BASE with one text replaced. */
function changed(from: string, to: string): string {
  expect(BASE).toContain(from);
  return BASE.replace(from, to);
}

function problemsOf(text: string) {
  const parsed = parseSpecification(text);
  return parsed.kind === 'invalid' ? parsed.problems : [];
}

function specificationOf(text: string) {
  const parsed = parseSpecification(text);
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems));
  return parsed.specification;
}

describe('parseSpecification', () => {
  it('reads YAML and fills in every default', () => {
    const specification = specificationOf(BASE);
    expect(specification.data).toMatchObject({ seal: 'quiet 1 minute', mode: 'append', duplicates: 'drop' });
    expect(specification.deploy.canary.weights).toEqual([0.1]);
    expect(specification.monitor.retrain.coolDown).toBe('6 hours');
    expect(layOut(specification.data).features.map(({ name }) => name)).toEqual([
      'temperature',
      'humidity',
      'country=Canada',
      'country=Norway',
      'joined',
    ]);
  });

  it('reads the same from JSON, and again from what it answered', () => {
    const specification = specificationOf(BASE);
    expect(specificationOf(JSON.stringify(specification, null, '\t'))).toEqual(specification);
    expect(specificationOf(stringify(specification))).toEqual(specification);
  });

  it.each(['digits', 'deicing'])('accepts the example %s', (name) => {
    const file = join(import.meta.dirname, '../../examples', name, 'pipeline.yml');
    expect(specificationOf(readFileSync(file, 'utf8')).name).toBe(name);
  });

  it.each<[what: string, text: string, line: number, column: number, path: string, message: string]>([
    [
      'an unknown key',
      changed('target:', 'targt:'),
      14,
      3,
      '/data/targt',
      'unknown key "targt" (did you mean "target"?)',
    ],
    ['a key that no other is like', `${BASE}zebra: 1\n`, 22, 1, '/zebra', 'unknown key "zebra"'],
    [
      'a missing key',
      changed('  metric: accuracy\n', ''),
      18,
      1,
      '/evaluate',
      'the key "metric" is missing: one of "accuracy", "log-loss", "rmse", "mae"',
    ],
    [
      'none of the words',
      changed('metric: accuracy', 'metric: acuracy'),
      19,
      11,
      '/evaluate/metric',
      'expected one of "accuracy", "log-loss", "rmse", "mae", found "acuracy"',
    ],
    [
      'a wrong form',
      changed('type: number }', 'type: number, missing: { const: 1 } }'),
      5,
      51,
      '/data/columns/1/missing',
      'expected "quarantine" or "allow" or a mapping with "constant", found a mapping',
    ],
    [
      'a wrong type',
      changed('test: 0.2', 'test: some'),
      15,
      18,
      '/data/split/test',
      'expected a number from 0 to 1, found "some"',
    ],
    [
      'out of range',
      changed('test: 0.2', 'test: 2'),
      15,
      18,
      '/data/split/test',
      'expected a number from 0 to 1, found 2',
    ],
    [
      'nothing',
      changed('image: xgboost', 'image:'),
      17,
      9,
      '/train/image',
      'expected text of 1 to 255 characters, found nothing',
    ],
    [
      'a bad name',
      changed('name: icing', 'name: Icing'),
      1,
      7,
      '/name',
      'expected at most 28 lower-case letters, digits and single dashes, a letter first, found "Icing"',
    ],
    [
      'a bad time',
      changed('image: xgboost', 'image: xgboost\n  maximumRuntime: 1h'),
      18,
      19,
      '/train/maximumRuntime',
      'expected a duration such as "30 seconds", "10 minutes" or "2 hours", found "1h"',
    ],
    [
      'a bad seal',
      changed('  target: y', '  target: y\n  seal: quiet'),
      15,
      9,
      '/data/seal',
      'expected "each", "manifest" or "quiet <time>" such as "quiet 1 minute", found "quiet"',
    ],
    [
      'a bad hyperparameter',
      changed('image: xgboost', 'image: xgboost\n  hyperparameters: { eta: [1] }'),
      18,
      27,
      '/train/hyperparameters/eta',
      'expected text or a number or true or false, found a list of 1',
    ],
    [
      'a list',
      '- 1\n- 2\n',
      1,
      1,
      '',
      'expected a mapping with "name", "data", "train", "evaluate", "deploy", "monitor", found a list of 2',
    ],
    ['no text', '', 1, 1, '', 'expected a pipeline specification, found nothing'],
    ['a duplicate key', `${BASE}name: other\n`, 22, 1, '', 'this key stands here twice'],
    ['two documents', `${BASE}---\nname: b\n`, 1, 1, '', 'expected one document, found a second after "---"'],
    ['broken YAML', 'name: "icing\n', 1, 7, '', 'not readable as YAML or JSON: Missing closing "quote'],
    ['deep nesting', '['.repeat(20_000), 1, 1, '', 'the text nests too deeply'],
  ])('tells of %s', (_, text, line, column, path, message) => {
    const problems = problemsOf(text);
    if (path !== '') expect(problems).toEqual([{ line, column, path, message }]);
    else expect(problems.map((problem) => problem.message)).toContain(message);
    if (line > 1) expect(problems[0]).toMatchObject({ line, column });
  });

  it.each<[what: string, text: string, path: string, message: string]>([
    [
      'an unknown target',
      changed('target: y', 'target: humidty'),
      '/data/target',
      'expected a declared column, found "humidty" (did you mean "humidity"?)',
    ],
    [
      'a text target',
      changed('target: y', 'target: note'),
      '/data/target',
      'expected a number column, found the text column "note"',
    ],
    [
      'a target that may be missing',
      changed('type: integer,', 'type: integer, missing: allow,'),
      '/data/target',
      'the target "y" must be there in every row: leave "missing" at "quarantine"',
    ],
    [
      'a column twice',
      changed('name: note, type: text', 'name: humidity, type: number'),
      '/data/columns/4/name',
      'the column "humidity" is declared twice',
    ],
    [
      'a column twice by a family',
      changed('name: note, type: text', 'name: "p{0..9}", type: number }\n    - { name: p7, type: number'),
      '/data/columns/5/name',
      'the column "p7" is declared twice',
    ],
    [
      'a family that counts down',
      changed('name: note', 'name: "p{9..0}"'),
      '/data/columns/4/name',
      'expected a family that counts up: "p{9..0}" must count up, over at most 10000 columns',
    ],
    [
      'too many columns',
      changed('name: note', 'name: "p{0..9998}"'),
      '/data/columns/4/name',
      'expected at most 10000 columns in all',
    ],
    [
      'an unknown feature',
      changed('target: y', 'target: y\n  features: [humidity, temprature]'),
      '/data/features/1',
      'expected a declared column, found "temprature" (did you mean "temperature"?)',
    ],
    [
      'a feature twice',
      changed('target: y', 'target: y\n  features: [humidity, joined, humidity]'),
      '/data/features/2',
      'the feature "humidity" stands here twice',
    ],
    [
      'the target as a feature',
      changed('target: y', 'target: y\n  features: [y]'),
      '/data/features/0',
      'the target "y" cannot be a feature',
    ],
    [
      'plain text as a feature',
      changed('target: y', 'target: y\n  features: [note]'),
      '/data/features/0',
      'the text column "note" needs "canonical" and "encode" to be a feature',
    ],
    [
      'an encoding without values',
      changed('canonical: { Canada: [CA], Norway: [NOR] }', 'canonical: {}'),
      '/data/columns/3/encode',
      '"encode" needs "canonical", the values that "country" may take',
    ],
    [
      'one spelling for two',
      changed('[NOR]', '[NOR, "ca "]'),
      '/data/columns/3/canonical/Norway',
      'the spelling "ca " already stands for "Canada"',
    ],
    [
      'bounds of text',
      changed('name: note, type: text', 'name: note, type: text, minimum: 1'),
      '/data/columns/4/minimum',
      'only number columns have "minimum"; "note" holds text',
    ],
    [
      'encoded numbers',
      changed('name: humidity, type: number', 'name: humidity, type: number, encode: ordinal'),
      '/data/columns/2/encode',
      'only text columns are encoded; "humidity" holds numbers',
    ],
    [
      'minimum above maximum',
      changed('minimum: 0, maximum: 1', 'minimum: 2, maximum: 1'),
      '/data/columns/0/minimum',
      'expected at most the maximum (1), found 2',
    ],
    [
      'a constant of the wrong type',
      changed('name: humidity, type: number', 'name: humidity, type: number, missing: { constant: low }'),
      '/data/columns/2/missing/constant',
      'expected a number, found "low"',
    ],
    [
      'a constant out of range',
      changed(
        'name: humidity, type: number',
        'name: humidity, type: number, maximum: 9, missing: { constant: 10 }',
      ),
      '/data/columns/2/missing/constant',
      'expected a number from minimum to maximum, found 10',
    ],
    [
      'a formula over text',
      changed('temperature * humidity', 'note * 2'),
      '/data/derive/0/formula',
      '"note" is no number column or earlier derived one',
    ],
    [
      'a formula over the target',
      changed('temperature * humidity', 'y * 2'),
      '/data/derive/0/formula',
      '"y" is no number column or earlier derived one',
    ],
    [
      'a formula over itself',
      changed('temperature * humidity', 'joined + 1'),
      '/data/derive/0/formula',
      '"joined" is no number column or earlier derived one',
    ],
    [
      'a derived name that is taken',
      changed('name: joined', 'name: note'),
      '/data/derive/0/name',
      'the name "note" is taken by another column',
    ],
    [
      'no held-out rows',
      changed('test: 0.2', 'test: 0'),
      '/data/split/test',
      'expected a share above 0: the gate needs held-out rows',
    ],
    [
      'no rows to train',
      changed('test: 0.2, validation: 0.1', 'test: 0.5, validation: 0.5'),
      '/data/split',
      'expected test + validation below 1, found 1',
    ],
    [
      'the label in the key',
      changed('validation: 0.1', 'validation: 0.1, key: [y]'),
      '/data/split/key/0',
      'the target cannot be part of the key: a label must not choose the side',
    ],
    [
      'an unknown key column',
      changed('validation: 0.1', 'validation: 0.1, key: [site]'),
      '/data/split/key/0',
      'expected a declared column, found "site"',
    ],
    [
      'an impossible requirement',
      changed('required: 0.8', 'required: 80'),
      '/evaluate/required',
      'expected a number from 0 to 1 for "accuracy", found 80',
    ],
    [
      'a metric that does not fit',
      changed('metric: accuracy', 'metric: log-loss'),
      '/evaluate/prediction',
      'the metric "log-loss" needs the prediction "probability", found "label"',
    ],
    [
      'weights that fall',
      `${BASE}deploy: { canary: { weights: [0.2, 0.1] } }\n`,
      '/deploy/canary/weights/1',
      'expected more than the weight before it (0.2), found 0.1',
    ],
    [
      'a canary without time',
      `${BASE}deploy: { canary: { timeout: 1 minute } }\n`,
      '/deploy/canary/timeout',
      'expected at least minimumTime (10 minutes), found 1 minute',
    ],
    [
      'a training without time',
      changed('image: xgboost', 'image: xgboost\n  maximumRuntime: 0 hours'),
      '/train/maximumRuntime',
      'expected from 1 second to 28 days, found 0 hours',
    ],
  ])('sees that keys do not go together: %s', (_, text, path, message) => {
    expect(problemsOf(text)).toMatchObject([{ path, message }]);
  });

  it('points to the place, also of what a default fills in or an alias repeats', () => {
    const text = changed('  target: y', '  target: humidty # here');
    expect(problemsOf(text)[0]).toMatchObject({ line: 14, column: 11 });
    const aliased = changed('maximum: 1 }', 'maximum: &low -1 }').replace(
      'name: temperature, type: number',
      'name: temperature, type: number, minimum: 0, maximum: *low',
    );
    expect(problemsOf(aliased)).toMatchObject([
      { path: '/data/columns/0/minimum', line: 4 },
      { path: '/data/columns/1/minimum', line: 5 },
    ]);
  });

  it('tells of all problems at once, in the order of the text', () => {
    const problems = problemsOf(
      BASE.replace('name: icing', 'name: I')
        .replace('test: 0.2', 'tst: 0.2')
        .replace('required: 0.8', 'required: high'),
    );
    expect(problems.map(({ path }) => path)).toEqual(['/name', '/data/split/tst', '/evaluate/required']);
  });

  it('refuses alias bombs and texts that are too long', () => {
    const levels = Array.from(
      { length: 12 },
      (_, at) => `l${at + 1}: &l${at + 1} [${Array(9).fill(`*l${at}`).join(', ')}]`,
    );
    expect(problemsOf(`l0: &l0 [x]\n${levels.join('\n')}\n`)[0]?.message).toMatch(
      /^cannot resolve the aliases/,
    );
    expect(problemsOf('#'.repeat(300_000))[0]?.message).toBe(
      'expected at most 256 KiB of text, found 293 KiB',
    );
    expect(problemsOf('name: *nobody\n')).toHaveLength(1);
  });

  it('answers any text, whatever it is', () => {
    const line = fc.constantFrom(
      ...BASE.split('\n'),
      '- a',
      '? b',
      '&x',
      '*x',
      '{',
      '[',
      '"',
      '<<: 1',
      '__proto__: 1',
      '!!js x',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string({ maxLength: 10 })), { maxLength: 20 }), (lines) => {
        const parsed = parseSpecification(lines.join('\n'));
        if (parsed.kind === 'ok') return;
        expect(parsed.problems.length).toBeGreaterThan(0);
        for (const { line: at, column } of parsed.problems)
          expect(Math.min(at, column)).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe('preparationDigest', () => {
  const data = specificationOf(BASE).data;

  it('is the same whatever the order of keys, and whatever only judges the data', () => {
    const digest = preparationDigest(data);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const reversed = Object.fromEntries(Object.entries(data).reverse()) as typeof data;
    expect(preparationDigest(reversed)).toBe(digest);
    expect(
      preparationDigest({
        ...data,
        seal: 'each',
        mode: 'replace',
        quality: { minimumRows: 1, maximumQuarantined: 1 },
      }),
    ).toBe(digest);
  });

  it.each<[string, Partial<typeof data>]>([
    ['columns', { columns: data.columns.slice(0, 4) }],
    ['derive', { derive: [] }],
    ['target', { target: 'humidity' }],
    ['features', { features: ['joined'] }],
    ['duplicates', { duplicates: 'keep' }],
    ['split', { split: { ...data.split, test: 0.3 } }],
  ])('is another for other %s', (_, other) => {
    expect(preparationDigest({ ...data, ...other })).not.toBe(preparationDigest(data));
  });

  it('is another when the canonical names stand in another order, because the features do', () => {
    const turned = specificationOf(
      changed('{ Canada: [CA], Norway: [NOR] }', '{ Norway: [NOR], Canada: [CA] }'),
    ).data;
    expect(preparationDigest(turned)).not.toBe(preparationDigest(data));
  });
});
