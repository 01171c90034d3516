import fc from 'fast-check';
import { XMLValidator } from 'fast-xml-parser';
import type { ColumnSummary, PreparedResult } from '../../../shared/preparation/result.ts';
import { fitting } from './figures.ts';
import type { ProfileInput } from './profile-input.ts';
import { profilePage } from './profile-page.ts';
import { exampleProfile, numberSummary, textSummary } from './testing/example-profile.ts';

const MEBIBYTE = 1024 ** 2;

const with_ = (input: ProfileInput, result: Partial<PreparedResult>): ProfileInput => ({
  ...input,
  result: { ...input.result, ...result },
});

/** The page's elements without their texts and attributes. */
const elementsOf = (page: string): string[] =>
  [...page.matchAll(/<(\/?[a-z0-9]+)(?:\s[a-z-]+(?:="[^"<>]*")?)*\s*\/?>/gi)].map(([, name]) => name!);

describe('the profile of a dataset', () => {
  const page = profilePage(exampleProfile(12));

  it('is one document that fetches nothing and runs nothing', () => {
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain('default-src &#39;none&#39;');
    expect(page).not.toMatch(
      /<script|<img|<iframe|<link (?!rel="icon" href="data:,")|@import|url\(|\son[a-z]+="/i,
    );
    expect(page.match(/https?:/g)).toBeNull();
  });

  it('says how many rows went where', () => {
    expect(page).toContain('1,090 rows read, 90 rows set aside (8.3 %)');
    expect(page).toContain(
      'Rows read: 1,090. Train: 700. Validation: 110. Test: 190. Duplicates: 28. Dropped: 12. Quarantined: 50.',
    );
  });

  it('names every rule with a column and an example that was escaped', () => {
    expect(page).toContain(
      'measure_0 is &quot;n/a \\&quot;unknown\\&quot; &lt;b&gt;&quot;, which is not a number',
    );
    expect(page).toContain('in &quot;blanks&quot; if it means that there is no value');
    for (const { rule } of exampleProfile(12).result.rules) expect(page).toContain(`>${rule}</th>`);
  });

  it('is navigable: each entry of the contents has a section, each section a heading, each table a caption', () => {
    for (const [, id] of page.matchAll(/href="#([a-z]+)"/g))
      expect(page).toMatch(new RegExp(`<section id="${id}"><h2>`));
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(page.match(/<caption>/g)?.length).toBe(page.match(/<table>/g)?.length);
    for (const [drawing] of page.matchAll(/<svg [^>]*>/g))
      expect(drawing).toMatch(/aria-label="|aria-hidden/);
  });

  it('is the same for the same dataset', () => {
    expect(profilePage(exampleProfile(12))).toBe(page);
  });

  it('closes every element', () => {
    expect(XMLValidator.validate(page.replace(/^<!doctype html>/, ''))).toBe(true);
  });
});

describe('what data may hold', () => {
  const named = (name: string, value: string, example: string): string => {
    const columns: ColumnSummary[] = [
      numberSummary(name, [1, 2, 3]),
      textSummary(`${name}2`, { [value]: 3, other: 1 }),
      numberSummary('faulty', [0, 1, 1]),
    ];
    const plain = exampleProfile(1);
    return profilePage({
      ...plain,
      data: { ...plain.data, target: 'faulty' },
      warnings: [example],
      result: {
        ...plain.result,
        parts: [{ ...plain.result.parts[0]!, key: example, ignored: [name] }],
        rules: [{ rule: 'torn-line', column: name, rows: 1, example }],
        columns,
        changes: [{ name, blank: 1, canonicalised: 1, nulled: 1, clipped: 1, filled: 1 }],
        correlations: {
          names: [name, 'faulty'],
          r: [
            [1, 0.3],
            [0.3, 1],
          ],
        },
        classes: [{ value, train: 500, validation: 100, test: 100 }],
      },
    });
  };
  const hostile = fc.oneof(
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=x onerror=y>',
      "' onload='x",
      '</style>',
      '&lt;',
      '\0\u0001',
      '\u202e',
      '-->',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
  );

  it('never becomes markup: the elements are those of harmless text', () => {
    const expected = elementsOf(named('n', 'v', 'e'));
    fc.assert(
      fc.property(hostile, hostile, hostile, (name, value, example) => {
        fc.pre(name !== 'faulty' && value !== 'other' && value !== '__proto__');
        const page = named(`n${name}`, `v${value}`, `e${example}`);
        expect(elementsOf(page)).toEqual(expected);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may stand in a page
        expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
      }),
    );
  });
});

describe('shares of cells', () => {
  const input = exampleProfile(3);
  const { rows } = input.result;
  const kept = rows.train + rows.validation + rows.test;

  it('are of the rows that were kept, which alone they count', () => {
    const changes = [{ name: 'faulty', blank: kept, canonicalised: 0, nulled: 0, clipped: 0, filled: 0 }];
    const page = profilePage(with_(input, { changes }));
    expect(
      page.match(new RegExp(`${kept.toLocaleString('en-US')} <span class="soft">100 %</span>`, 'g')),
    ).toHaveLength(2);
  });

  it('that are all there do not hide the rows set aside for what they lacked', () => {
    const columns = input.result.columns.map((column) => ({ ...column, missing: 0 }));
    const changes = input.result.changes.map((change) => ({ ...change, blank: 0 }));
    const rules = [{ rule: 'missing', column: 'faulty', rows: 50, example: '' }];
    const page = profilePage(with_(input, { columns, changes, rules }));
    expect(page).toContain(
      'None in the rows that were kept; those without a value that must be there were set aside.',
    );
    expect(page).not.toContain('every cell was there');
  });
});

describe('names beside a drawing', () => {
  it.each([
    ['temperature', 'temperature'],
    ['A VERY LONG COLUMN NAME', 'A VERY LONG CO…'],
    ['これは列の名前です長い名前', 'これは列の名前です…'],
  ])('%s fits as %s', (name, fits) => {
    expect(fitting(name, 116)).toBe(fits);
  });
});

describe('a dataset of any size', () => {
  it('with one column and no row set aside reads in whole sentences', () => {
    const input = exampleProfile(0);
    const only = numberSummary('faulty', [1, 1, 1]);
    const page = profilePage({
      ...with_(input, {
        columns: [only],
        changes: [{ name: 'faulty', blank: 0, canonicalised: 0, nulled: 0, clipped: 0, filled: 0 }],
        correlations: { names: ['faulty'], r: [[1]] },
        rules: [],
        quarantined: 0,
        dropped: 0,
        duplicates: 0,
        nearDuplicates: 0,
        classes: [],
      }),
      warnings: [],
    });
    for (const text of [
      'No row broke a rule.',
      'Every cell stayed as it was read.',
      'every cell was there',
      'Always 1.',
    ])
      expect(page).toContain(text);
    expect(page).not.toContain('NaN');
  });

  it.each([1_000, 10_000])('with %i columns stays a page that a browser opens at once', (columns) => {
    const input = exampleProfile(3);
    const many = Array.from({ length: columns }, (_, at) =>
      numberSummary(`column_${at}`, [at, at + 1, at + 5]),
    );
    const page = profilePage(
      with_(input, {
        columns: [...many, numberSummary('faulty', [0, 1])],
        changes: many.map(({ name }) => ({
          name,
          blank: 3,
          canonicalised: 0,
          nulled: 0,
          clipped: 1,
          filled: 3,
        })),
      }),
    );
    expect(page.length).toBeLessThan(2 * MEBIBYTE);
    expect(page).toContain('column_58');
    if (columns > 1_060) expect(page).toMatch(/columns more are left out here/);
  });

  it('with ten thousand files and as many rules names the first of them', () => {
    const input = exampleProfile(3);
    const [part] = input.result.parts;
    const page = profilePage(
      with_(input, {
        parts: Array.from({ length: 10_000 }, (_, at) => ({ ...part!, key: `file-${at}.csv`, rows: 1 })),
        rules: Array.from({ length: 10_000 }, (_, at) => ({
          rule: 'not-a-number',
          column: `c${at}`,
          rows: 1,
          example: 'x',
        })),
      }),
    );
    expect(page.length).toBeLessThan(MEBIBYTE);
    expect(page).toContain('and 9,900 further files');
    expect(page).toContain('and 9,950 further rules');
  });
});

describe('what is worth a look', () => {
  it.each<[what: string, result: Partial<PreparedResult>, says: string]>([
    [
      'a constant column',
      { columns: [numberSummary('flat', [2, 2]), numberSummary('faulty', [0, 1])] },
      'The same value in every row: flat.',
    ],
    [
      'an answer in disguise',
      {
        correlations: {
          names: ['leak', 'faulty'],
          r: [
            [1, -0.99],
            [-0.99, 1],
          ],
        },
      },
      'leak all but equals the target',
    ],
    [
      'a class that the gate cannot judge',
      { classes: [{ value: 'rare', train: 3, validation: 1, test: 0 }] },
      'Classes without a test row, so that the gate says nothing of them: rare.',
    ],
    [
      'an identifier',
      {
        columns: [
          textSummary('serial', Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`s${at}`, 1]))),
          numberSummary('faulty', [0, 1]),
        ],
      },
      'Text that differs in nearly every row: serial.',
    ],
  ])('tells of %s', (_, result, says) => {
    expect(profilePage(with_(exampleProfile(2), result))).toContain(says);
  });
});
