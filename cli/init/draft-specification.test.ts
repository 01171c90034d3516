import fc from 'fast-check';
import { parse } from 'yaml';
import { columnNames } from '../../shared/contracts/column-names.ts';
import { parseSpecification } from '../../shared/contracts/parse-specification.ts';
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { compileCleaning } from '../../shared/preparation/cleaning.ts';
import { CliError } from '../exit.ts';
import { commentedYaml } from './commented-yaml.ts';
import { draftText } from './draft-text.ts';
import { foldFamilies } from './families.ts';
import { requirementOf } from './requirement.ts';
import type { Sample } from './sample.ts';
import { taskOf } from './task.ts';

const ROWS = 200;

/** A table of columns that are told by the number of the row. */
function table(columns: Readonly<Record<string, (row: number) => string | number>>, rows = ROWS): Sample {
  const names = Object.keys(columns);
  const cells = Array.from({ length: rows }, (_, row) => names.map((name) => String(columns[name]!(row))));
  return { names, rows: cells, total: rows, delimiter: ',', notes: [] };
}

const draft = (sample: Sample, target = 'y'): { text: string; specification: PipelineSpecification } => {
  const text = draftText(sample, 'table.csv', 'table', target);
  const parsed = parseSpecification(text);
  if (parsed.kind !== 'ok') throw new Error(JSON.stringify(parsed.problems));
  return { text, specification: parsed.specification };
};

/** The columns as they were written, by name. */
const written = (sample: Sample, target = 'y'): Record<string, Record<string, unknown>> => {
  const { data } = parse(draft(sample, target).text) as { data: { columns: { name: string }[] } };
  return Object.fromEntries(data.columns.map(({ name, ...rest }) => [name, rest]));
};

const noise = (row: number): number => ((row * 7919) % 1009) / 100;
const half = (row: number): string => (row % 2 ? 'yes' : 'no');

describe('a column becomes', () => {
  it.each<[what: string, cell: (row: number) => string | number, declared: object | undefined]>([
    ['a number', noise, { type: 'number' }],
    ['an integer', (row) => (row * 31) % 17, { type: 'integer' }],
    ['a flag', (row) => Number(row % 3 === 0), { type: 'integer', minimum: 0, maximum: 1 }],
    [
      'a number with gaps',
      (row) => (row % 10 ? noise(row) : ''),
      { type: 'number', missing: 'median', indicator: true },
    ],
    ['a date', (row) => `2024-0${1 + (row % 9)}-11`, { type: 'date', parts: ['month', 'weekday'] }],
    [
      'a date of another format with a time',
      (row) => `${10 + (row % 20)}.03.2024 ${10 + (row % 5)}:00`,
      { type: 'date', formats: ['DD.MM.YYYY'], parts: ['day', 'weekday', 'hour'] },
    ],
    [
      'names in many spellings, under the most frequent one',
      (row) => ['Red', 'Red', ' RED', 'red  ', 'Blue', 'blue', 'Blue', 'Green'][row % 8]!.trim(),
      { type: 'text', canonical: { Red: ['RED', 'red'], Blue: ['blue'], Green: [] }, encode: 'one-hot' },
    ],
    [
      'two names, one feature',
      (row) => (row % 3 ? 'm' : 'f'),
      { type: 'text', canonical: { m: [], f: [] }, encode: 'ordinal' },
    ],
    ['very many names', (row) => `place ${row % 60}`, { type: 'text', encode: { hash: 32 } }],
    ['a remark, no feature', (row) => `remark ${row}`, { type: 'text', missing: 'allow' }],
    ['the number of the row, no feature', (row) => row + 1, { type: 'integer', missing: 'allow' }],
    ['nothing, where it is always the same', () => 'mm', undefined],
    ['nothing, where it is hardly ever there', (row) => (row === 7 ? 3 : ''), undefined],
    ['a latitude', (row) => ((row * 31) % 90) + 0.5, { type: 'number' }],
  ])('%s', (_, cell, declared) => {
    const found = written(table({ x: cell, z: noise, y: half }));
    expect(found.x).toEqual(declared);
  });

  it('nothing, where it is there in rows without a label only', () => {
    const label = (row: number) => (row % 4 ? half(row) : 'NA');
    const { text, specification } = draft(
      table({ x: (row) => (row % 4 ? 'NA' : noise(row)), z: noise, y: label }),
    );
    expect(specification.data.columns.map(({ name }) => name)).toEqual(['z', 'y']);
    expect(text).toContain('"x": blank in 100 % of the rows with a label');
  });

  it('what its comment explains: what is left out, and no feature', () => {
    const { text, specification } = draft(
      table({ unit: () => 'mm', id: (row) => `k${row}`, z: noise, y: half }),
    );
    expect(text).toContain('"unit": always "mm"');
    expect(text).toMatch(/# differs in nearly every row.*\n.*name: id/);
    expect(specification.data.features).toEqual(['z']);
  });

  it('a number even where some cells are none: their rows are set aside, and the gate knows', () => {
    const { text, specification } = draft(table({ x: (row) => (row % 50 ? noise(row) : 'high'), y: half }));
    expect(text).toContain('2 % of the cells are no numbers ("high"): their rows are set aside');
    expect(specification.data.quality.maximumQuarantined).toBeGreaterThan(0.05);
  });

  it('nothing, where the unreadable cells of all columns would cost too many rows', () => {
    const odd = (at: number) => (row: number) => ((row + at) % 50 ? noise(row + at) : 'high');
    const columns = Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [`${'abcdefghijkl'[at]}`, odd(at)]),
    );
    const { text, specification } = draft(table({ ...columns, z: noise, y: half }));
    expect(specification.data.columns.length).toBeLessThan(14);
    expect(text).toContain('of its cells cannot be read');
  });

  it('one of a family, where many are alike', () => {
    const pixels = Object.fromEntries(
      Array.from({ length: 1500 }, (_, at) => [`p${at}`, (row: number) => (row * at + row + at) % 251]),
    );
    const { specification } = draft(table({ ...pixels, y: half }, 60));
    expect(specification.data.columns.length).toBeLessThan(20);
    expect(specification.data.columns.flatMap(({ name }) => columnNames(name)).length).toBeGreaterThan(1490);
  });
});

describe('words that mean "no value"', () => {
  const sometimes =
    (word: string, cell: (row: number) => string | number, every = 3) =>
    (row: number) =>
      row % every ? cell(row) : word;

  it('are blank, as many as stand between numbers and dates', () => {
    const { data } = draft(
      table({
        x: sometimes('NA', noise),
        when: sometimes('?', (row) => `2024-0${1 + (row % 9)}-11`),
        count: (row) => (row % 5 ? (row * 31) % 47 : row % 2 ? '#N/A' : 'nan'),
        z: noise,
        y: half,
      }),
    ).specification;
    expect(data.blanks).toEqual(['#N/A', '?', 'NA', 'nan']);
    expect(data.columns).toMatchObject([
      { name: 'x', type: 'number', missing: 'median', indicator: true },
      { name: 'when', type: 'date', missing: 'allow', indicator: true },
      { name: 'count', type: 'integer', missing: 'median' },
      { name: 'z', type: 'number', missing: 'quarantine' },
      { name: 'y' },
    ]);
    expect(data.columns.every(({ blanks }) => blanks === undefined)).toBe(true);
    expect(data.quality.maximumQuarantined).toBe(0.05);
  });

  it('stay what they are where only texts have them, and follow where numbers do', () => {
    const colour = sometimes('none', (row) => ['red', 'blue'][row % 2]!);
    const only = draft(table({ colour, x: noise, y: half })).specification.data;
    expect(only).not.toHaveProperty('blanks');
    expect(only.columns[0]).toMatchObject({ canonical: { none: [], red: [], blue: [] } });
    const both = draft(table({ colour, x: sometimes('None', noise), y: half })).specification.data;
    expect(both.blanks).toEqual(['None', 'none']);
    expect(both.columns[0]).toMatchObject({ canonical: { red: [], blue: [] }, missing: 'mode' });
  });

  it('are left out as labels', () => {
    const numbers = draft(table({ x: noise, y: sometimes('.', noise, 10) })).specification.data;
    expect(numbers).not.toHaveProperty('blanks');
    expect(numbers.columns[1]).toMatchObject({ type: 'number', blanks: ['.'], missing: 'drop' });
    const classes = draft(table({ x: sometimes('NA', noise), y: sometimes('NA', half, 10) })).specification
      .data;
    expect(classes.blanks).toEqual(['NA']);
    expect(classes.columns[1]).toMatchObject({ canonical: { no: [], yes: [] }, missing: 'drop' });
    expect(classes.columns[1]).not.toHaveProperty('blanks');
  });

  it('are classes where they are names', () => {
    const grade = (row: number) => ['none', 'mild', 'severe'][row % 3]!;
    const { data } = draft(table({ x: sometimes('None', noise), y: grade })).specification;
    expect(data.blanks).toEqual(['None', 'none']);
    expect(data.columns[1]).toMatchObject({ canonical: { mild: [], none: [], severe: [] }, blanks: [] });
    const signs = draft(table({ x: noise, y: (row) => (row % 3 ? '-' : '+') })).specification.data;
    expect(signs.columns[1]).toMatchObject({ canonical: { '-': [], '+': [] } });
  });
});

describe('a target becomes', () => {
  it.each<[what: string, cell: (row: number) => string | number, expected: object]>([
    [
      'two classes of text, the positive one second',
      half,
      { objective: 'binary:logistic', metric: 'log-loss', classes: ['no', 'yes'] },
    ],
    [
      'two classes of which the rarer is asked for',
      (row) => (row % 5 ? 'B' : 'M'),
      { objective: 'binary:logistic', metric: 'log-loss', classes: ['B', 'M'] },
    ],
    [
      'two classes of 0 and 1',
      (row) => row % 2,
      { objective: 'binary:logistic', metric: 'log-loss', classes: [] },
    ],
    [
      'two classes of other numbers',
      (row) => 1 + (row % 2),
      { objective: 'binary:logistic', metric: 'log-loss', classes: ['1', '2'] },
    ],
    [
      'classes of text',
      (row) => ['a', 'b', 'c'][row % 3]!,
      { objective: 'multi:softmax', metric: 'accuracy', classes: ['a', 'b', 'c'] },
    ],
    [
      'classes that count from 0',
      (row) => row % 4,
      { objective: 'multi:softmax', metric: 'accuracy', classes: [] },
    ],
    [
      'classes of grades',
      (row) => 3 + (row % 6),
      { objective: 'multi:softmax', metric: 'accuracy', classes: ['3', '4', '5', '6', '7', '8'] },
    ],
    ['a number', noise, { objective: 'reg:squarederror', metric: 'rmse', classes: [] }],
    [
      'a count of many values',
      (row) => (row * 31) % 47,
      { objective: 'reg:squarederror', metric: 'rmse', classes: [] },
    ],
  ])('%s', (_, cell, expected) => {
    const { data, train, evaluate } = draft(table({ x: noise, y: cell })).specification;
    const target = data.columns.find(({ name }) => name === 'y')!;
    expect({
      objective: train.hyperparameters.objective,
      metric: evaluate.metric,
      classes: Object.keys(target.canonical ?? {}),
    }).toEqual(expected);
    const classes = new Set(Array.from({ length: ROWS }, (__, row) => cell(row))).size;
    expect(train.hyperparameters.num_class).toBe(
      expected.valueOf() && evaluate.metric === 'accuracy' ? classes : undefined,
    );
  });

  it.each<[what: string, sample: Sample, target: string, message: string]>([
    [
      'an unknown column',
      table({ price: noise, x: noise }),
      'prise',
      'no column "prise" (did you mean "price"?)',
    ],
    ['a column in another case', table({ Price: noise, x: noise }), 'price', 'did you mean "Price"?'],
    [
      'a file without header',
      table({ '1': noise, '2.5': noise, '3': noise }),
      'y',
      'looks like data: add a line',
    ],
    [
      'one class',
      table({ x: noise, y: () => 'yes' }),
      'y',
      '"yes" in every row, or as good as: there is nothing to tell apart',
    ],
    ['one number', table({ x: noise, y: () => 3 }), 'y', 'nothing to tell apart'],
    ['names of things', table({ x: noise, y: (row) => `k${row}` }), 'y', '200 different texts in 200 rows'],
    ['numbers written otherwise', table({ x: noise, y: (row) => `${row},5` }), 'y', 'decimal point'],
    ['a date', table({ x: noise, y: (row) => `2024-01-${10 + (row % 20)}` }), 'y', 'holds dates'],
    ['nothing', table({ x: noise, y: () => '' }), 'y', 'blank in every row'],
    ['too few rows', table({ x: noise, y: half }, 9), 'y', '9 rows are too few'],
    ['no other column', table({ x: () => 1, y: half }), 'y', 'no column that a model could learn from'],
    [
      'a doubled name',
      { ...table({ x: noise, y: half }), names: ['y', 'y'] },
      'y',
      'names "y" more than once',
    ],
  ])('an error, where it is %s', (_, sample, target, message) => {
    const drafting = () => draft(sample, target);
    expect(drafting).toThrow(CliError);
    expect(drafting).toThrow(message);
  });
});

describe('the table as a whole', () => {
  it('keeps its repeated rows where most of them repeat', () => {
    const few = draft(table({ x: (row) => row % 3, z: (row) => row % 2, y: half }));
    expect(few.specification.data.duplicates).toBe('keep');
    expect(draft(table({ x: (row) => row / 7, y: half })).specification.data.duplicates).toBe('drop');
  });

  it('in the order of a date shows how to split by time', () => {
    const day = (row: number) => new Date(Date.UTC(2024, 0, 1 + row)).toISOString().slice(0, 10);
    expect(draft(table({ day, x: noise, y: noise })).text).toContain('by: time, column: "day"');
  });

  const cell = fc.oneof(
    fc.constantFrom(
      '',
      'NA',
      'none',
      '?',
      '0',
      '1',
      '-0',
      'yes',
      'no',
      'null',
      'true',
      '2024-01-31',
      '1,5',
      '__proto__',
    ),
    fc.integer({ min: -5, max: 5 }).map(String),
    fc.double({ noNaN: true }).map(String),
    fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.trim()),
  );
  const name = fc.oneof(
    fc.constantFrom('x', 'x.missing', 'date', 'p{0..3}', '', 'yes', '1', 'a: b #c', '__proto__', 'x=1'),
    fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.trim()),
  );

  const column = (rows: number) => {
    const of = (one: fc.Arbitrary<string>) => fc.array(one, { minLength: rows, maxLength: rows });
    return fc.oneof(
      of(cell),
      of(fc.constantFrom('a', 'A', 'b ', '')),
      of(fc.constantFrom('1', '2.5', '-3', '4', 'NA', 'na', 'None', '.')),
      of(fc.constantFrom('a', 'b', 'None', 'none', 'NA', '.')),
      of(fc.integer({ min: 0, max: 3 }).map(String)),
      of(fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map(String)),
    );
  };
  const labels = (rows: number) =>
    fc.oneof(
      column(rows),
      fc.array(fc.constantFrom('yes', 'no', 'YES', 'maybe', '', 'None', 'na'), {
        minLength: rows,
        maxLength: rows,
      }),
    );
  const anyTable = fc
    .tuple(fc.uniqueArray(name, { minLength: 1, maxLength: 6 }), fc.integer({ min: 10, max: 40 }))
    .chain(([names, rows]) =>
      fc.tuple(
        fc.constant(names.filter((other) => other !== 'y')),
        fc.array(column(rows), { minLength: 6, maxLength: 6 }),
        labels(rows),
      ),
    );

  /** Of the rows that the draft's own cleaning quarantines. */
  function shareAside(data: PipelineSpecification['data'], { names, rows }: Sample): number {
    const cleaning = compileCleaning(data);
    const places = cleaning.columns.map((column) => names.indexOf(column));
    const problems = rows.map((row) => cleaning.read(places.map((at) => row[at])));
    return problems.filter((problem) => problem && !problem.dropped).length / rows.length;
  }

  it('is drafted, whatever it holds, so that `apply` and its own gate take it, or refused with a reason', () => {
    let drafted = 0;
    fc.assert(
      fc.property(anyTable, ([others, columns, target]) => {
        const rows = target.map((label, row) => [...others.map((_, at) => columns[at]![row]!), label]);
        try {
          const sample = { names: [...others, 'y'], rows, total: rows.length, delimiter: ',', notes: [] };
          const { data } = draft(sample).specification;
          expect(shareAside(data, sample)).toBeLessThanOrEqual(data.quality.maximumQuarantined);
          drafted++;
        } catch (error) {
          if (!(error instanceof CliError)) throw error;
          expect(error.message).not.toContain('could be drafted');
        }
      }),
      { numRuns: 500 },
    );
    expect(drafted).toBeGreaterThan(100);
  });
});

describe('what the gate requires of a first model', () => {
  it('is passed by one that has learnt nothing, nearly always', () => {
    let refused = 0;
    const tries = 300;
    let state = 1;
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    for (let round = 0; round < tries; round++) {
      const [share, rows] = [0.02 + 0.96 * random(), 10 + Math.floor(random() * 200)];
      const cells = Array.from({ length: 400 }, () => (random() < share ? 'yes' : 'no'));
      const task = taskOf('y', ['x', 'y'], [...cells, 'yes', 'no']);
      if (task.kind !== 'binary') throw new Error(task.kind);
      const { required } = requirementOf(task, rows);
      const p = task.shares[1]!;
      const losses = Array.from({ length: rows }, () => -Math.log(random() < share ? p : 1 - p));
      if (losses.reduce((sum, loss) => sum + loss, 0) / rows > required) refused++;
    }
    expect(refused).toBeLessThan(0.02 * tries);
  });
});

describe('families of columns', () => {
  it('stand for the very names that were folded', () => {
    const counted = fc
      .tuple(fc.constantFrom('p', 'q_', 'x1', ''), fc.nat(12))
      .map(([stem, at]) => `${stem}${at}`);
    fc.assert(
      fc.property(fc.uniqueArray(counted, { maxLength: 40 }), (names) => {
        const sorted = [...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
        const folded = foldFamilies(
          sorted,
          (one) => one,
          () => '',
        );
        expect(folded.flatMap(({ name: pattern }) => columnNames(pattern))).toEqual(sorted);
      }),
    );
  });
});

describe('commented YAML', () => {
  it('is the value, whatever its comments say', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }),
          fc.oneof(
            fc.string(),
            fc.double({ noNaN: true }).map((x) => x + 0),
            fc.array(fc.string()),
          ),
        ),
        fc.string(),
        (value, said) => {
          const comments = Object.keys(value).map((key) => ({ path: [key], above: JSON.stringify(said) }));
          expect(parse(commentedYaml(value, comments))).toEqual(value);
        },
      ),
    );
  });
});
