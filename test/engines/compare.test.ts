import type { Fitted } from '../../shared/preparation/fitted.ts';
import type { PreparedResult, Side } from '../../shared/preparation/result.ts';
import { SIDES } from '../../shared/preparation/result.ts';
import type { Case } from './arbitrary-case.ts';
import { differences } from './compare.ts';
import type { EngineOutput } from './engine-output.ts';
import { type Prepared, reference } from './reference.ts';
import { expectedResult } from './reference-result.ts';
import { casesOf } from './trial.ts';

type Output = EngineOutput & { result: PreparedResult; fitted: Fitted };

/** What an engine without a fault would have written. */
function faultless(of: Case, prepared: Prepared): Output {
  const rows = (side: Side) =>
    prepared.rows
      .filter((row) => row.side === side)
      .map(({ target, features }) => [target, ...features] as (number | undefined)[]);
  const expected = expectedResult(of.data, of.parts, prepared);
  const parts = expected.parts.map((part, at) => ({
    ...part,
    versionId: 'v1',
    sha256: '',
    format: of.parts[at]!.format,
    ignored: of.parts[at]!.ignored,
  }));
  const target = of.data.columns.findIndex(({ name }) => name === of.data.target);
  return structuredClone({
    result: { formatVersion: 1, engine: 'duckdb', ...expected, parts },
    quarantine: prepared.aside.map(({ part, line, problem }) => ({
      file: of.parts[part]!.key,
      line,
      ...problem,
    })),
    fitted: prepared.fitted,
    rows: { train: rows('train'), validation: rows('validation'), test: rows('test') },
    records: prepared.rows
      .filter(({ side }) => side === 'test')
      .map(({ cells }) => cells.map((cell) => String(cell).trim()).filter((_, at) => at !== target)),
  });
}

const sample = casesOf(11, 200)
  .map((of) => ({ of, prepared: reference(of.data, of.parts) }))
  .filter((found): found is { of: Case; prepared: Prepared } => {
    const { prepared } = found;
    return (
      prepared.kind === 'prepared' && SIDES.every((side) => prepared.rows.some((row) => row.side === side))
    );
  });

/** Cases in which a fault is looked for. */
const ENOUGH = 3;

type Writable<T> = { -readonly [K in keyof T]: T[K] extends object ? Writable<T[K]> : T[K] };

describe('an engine beside the reference', () => {
  it('does not differ when it has no fault', () => {
    expect(sample.length).toBeGreaterThan(20);
    for (const { of, prepared } of sample)
      expect(differences(of, prepared, faultless(of, prepared))).toEqual([]);
  });

  it.each<[fault: string, told: string, commit: (output: Writable<Output>) => boolean]>([
    ['loses a row', 'train: ', ({ rows }) => rows.train.pop() !== undefined],
    [
      'turns two rows round',
      'validation row',
      ({ rows }) => {
        const [first, second] = rows.validation;
        if (!first || !second || JSON.stringify(first) === JSON.stringify(second)) return false;
        rows.validation.splice(0, 2, second, first);
        return true;
      },
    ],
    [
      'is off by a billionth',
      'test row 0',
      ({ rows }) => {
        const row = rows.test[0]!;
        if (!(Math.abs(row[0]!) < 100)) return false;
        row[0]! += 1e-9;
        return true;
      },
    ],
    [
      'makes a missing value 0',
      'train row',
      ({ rows }) => {
        const row = rows.train.find((values) => values.includes(undefined));
        row?.splice(row.indexOf(undefined), 1, 0);
        return row !== undefined;
      },
    ],
    ['keeps silent about a row', 'quarantine', ({ quarantine }) => quarantine.pop() !== undefined],
    [
      'names another line',
      'quarantine[0]',
      ({ quarantine }) => {
        const [first] = quarantine as { line: number }[];
        if (first) first.line++;
        return first !== undefined;
      },
    ],
    [
      'keeps a blank',
      'records[0]',
      ({ records }) => {
        records[0]![0] += ' ';
        return true;
      },
    ],
    [
      'counts a row on another side',
      'rows: ',
      ({ result }) => {
        result.rows.train++;
        return true;
      },
    ],
    [
      'forgets an edge',
      'reference[',
      ({ result }) => (result.reference[0]?.edges as number[] | undefined)?.pop() !== undefined,
    ],
    [
      'fits a fence that is a little wider',
      'fitted ',
      ({ fitted, result }) => {
        const name = Object.keys(fitted.columns).find(
          (of) => (fitted.columns[of] as { high?: number }).high !== undefined,
        );
        if (name === undefined || result.rows.train === 0) return false;
        (fitted.columns[name] as { high: number }).high += 1e-6;
        return true;
      },
    ],
    [
      'sees a correlation where there is another',
      'correlation of',
      ({ result }) => {
        const { r } = result.correlations;
        const row = r.findIndex((values) =>
          values.some((value) => value !== null && value !== 1 && Math.abs(value) < 0.9),
        );
        if (
          row < 0 ||
          result.columns.some((column) => column.kind === 'number' && Math.abs(column.maximum) > 1e3)
        )
          return false;
        const column = r[row]!.findIndex((value) => value !== null && value !== 1);
        r[row]![column]! += 1e-3;
        return true;
      },
    ],
  ])('that %s is found', (_, told, commit) => {
    const faulty: (readonly string[])[] = [];
    for (const { of, prepared } of sample) {
      const output = faultless(of, prepared) as Writable<Output>;
      if (commit(output)) faulty.push(differences(of, prepared, output as Output));
      if (faulty.length === ENOUGH) break;
    }
    expect(faulty.length).toBeGreaterThan(0);
    for (const sentences of faulty) expect(sentences.join('\n')).toContain(told);
  });
});
