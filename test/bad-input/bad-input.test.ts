/** Whatever is dropped ends in a prepared dataset or in one reason, never in a crash. */
import { tmpdir } from 'node:os';
import { compileRecord } from '../../shared/preparation/row-program.ts';
import type { Case } from './case.ts';
import { type CellGroup, cellGroups } from './cases/cells.ts';
import { encodings } from './cases/encodings.ts';
import { jsonLines } from './cases/json-lines.ts';
import { keys } from './cases/keys.ts';
import { limits } from './cases/limits.ts';
import { otherFormats } from './cases/other-formats.ts';
import { packed } from './cases/packed.ts';
import { parquetFiles } from './cases/parquet.ts';
import { empties, headers, lineEnds, quotes, rows } from './cases/text.ts';
import { type Outcome, prepare, prepareCase, specificationOf } from './run-case.ts';

const groups: Readonly<Record<string, readonly Case[]>> = {
  'a file at its limits': limits,
  'a file of another format': otherFormats,
  'an encoding': encodings,
  'a line end': lineEnds,
  'a quote': quotes,
  'a header': headers,
  'a file of nothing': empties,
  'a file of odd rows': rows,
  'a packed file': packed,
  'a file of JSON Lines': jsonLines,
  'a Parquet file': parquetFiles,
  'a key with': keys,
};

/** A reason names the file, or speaks of the rows of all of them. */
const OF_ALL_ROWS = /^(no row is clean|there (is|are) \d|\d+ of \d+ rows|the split of|the dataset takes)/;

function counted(aside: readonly { readonly rule: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule } of aside) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}

function expectEnd(outcome: Outcome, { ends, key = 'drop.csv', content }: Case): void {
  if (typeof ends === 'string' || ends instanceof RegExp) {
    const told = outcome.kind === 'rejected' ? outcome.reason : `prepared: ${JSON.stringify(outcome)}`;
    const names = Array.isArray(content) ? ['1.csv', '2.csv'] : [key];
    const file = names.find((name) => told.startsWith(`${name}: `));
    const sentence = file === undefined ? told : told.slice(file.length + 2);
    expect(sentence).toEqual(typeof ends === 'string' ? ends : expect.stringMatching(ends));
    if (file === undefined) expect(told).toMatch(OF_ALL_ROWS);
    // What to do, or which rows are to be mended; no word of where the engine works.
    expect(told).toMatch(/; \S/);
    expect(told).not.toContain(tmpdir());
    return;
  }
  expect(outcome).toEqual({
    kind: 'prepared',
    rows: ends.rows,
    train: ends.train ?? expect.any(Array),
    aside: expect.any(Array),
  });
  expect(counted(outcome.kind === 'prepared' ? outcome.aside : [])).toEqual(ends.aside ?? {});
}

describe.each(Object.entries(groups))('%s', (_, cases) => {
  it.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    expectEnd(await prepareCase(one), one);
  });
});

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

const dataOf = ({ column, data = {} }: CellGroup) =>
  specificationOf({
    columns: [
      { name: 'y', type: 'integer' },
      { name: 'y0', type: 'integer' },
      { name: 'v', ...column },
    ],
    features: ['v'],
    ...data,
  });

const casesOf = ({ cells }: CellGroup) =>
  cells.map(([cell, is], at) => [JSON.stringify(cell.slice(0, 40)), is, at, cell] as const);

describe.each(cellGroups.map((group) => [group.name, group] as const))('the cell of %s', (_, group) => {
  let outcome: Outcome;

  beforeAll(async () => {
    const rows = group.cells.map(([cell], at) => `${at},${at},${quoted(cell)}`);
    outcome = await prepare({
      data: dataOf(group),
      files: [{ key: 'cells.csv', content: ['y,y0,v', ...rows].join('\n') }],
    });
  });

  it.each(casesOf(group))('%s is %s', (_cell, is, at) => {
    if (outcome.kind === 'rejected') throw new Error(outcome.reason);
    const line = outcome.train.find((one) => one.startsWith(`${at},`));
    // No row before has a line break in it.
    const fate = outcome.aside.find((row) => row.line === at + 2);
    if (typeof is === 'string') {
      expect(fate).toMatchObject({ rule: is, column: 'v', file: 'cells.csv' });
      expect(line).toBeUndefined();
      return;
    }
    expect(fate).toBeUndefined();
    const text = line?.slice(line.indexOf(',') + 1) ?? 'not there';
    expect(text).not.toMatch(/^-0(\.0*)?$/);
    expect(Number(text)).toBe(is);
  });

  const program = compileRecord(dataOf(group), { formatVersion: 1, columns: {}, features: {} });

  it.each(casesOf(group))('%s is %s in a record, too', (_text, is, at, cell) => {
    const answer = program.transform([String(at), cell]);
    const seen = answer.kind === 'problem' ? answer.problem.rule : answer.features.at(-1);
    expect(seen).toBe(is);
  });
});

it('is a corpus of at least 200 cases, each by its own name', () => {
  const names = Object.entries(groups).flatMap(([group, cases]) =>
    cases.map(({ name }) => `${group}: ${name}`),
  );
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(200);
});
