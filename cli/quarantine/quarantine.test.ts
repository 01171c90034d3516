import { dataOf } from '../../shared/preparation/testing/data-of.ts';
import { type Api, ApiRefusal } from '../api.ts';
import { countAside } from './count-aside.ts';
import { filesInQuestion, findPreparedRun, type PreparedRun } from './find-quarantine.ts';
import { tellAside } from './tell-aside.ts';

const DATA = dataOf({
  columns: [
    { name: 'price', type: 'number', minimum: 0 },
    { name: 'rooms', type: 'integer', missing: 'drop' },
    { name: 'y', type: 'integer' },
  ],
  target: 'y',
});
const FILE = 'incoming/houses/batch-1/houses.csv';
const aside = (line: number, rule: string, column: string | null, value: string, more: object = {}) =>
  JSON.stringify({ file: FILE, line, column, rule, value, ...more });

const LINES = [
  aside(3, 'missing', 'rooms', '', { dropped: true }),
  aside(4, 'not-a-number', 'price', 'n/a'),
  aside(9, 'duplicate', null, ''),
  aside(11, 'not-a-number', 'price', 'unknown'),
  aside(12, 'out-of-range', 'price', '-1'),
  aside(15, 'not-a-number', 'price', 'n/a'),
  '',
];
const RUN: PreparedRun = {
  runId: 'houses-abcdefghij',
  pipeline: 'houses',
  phase: 'promoted',
  specification: { data: DATA },
  dataset: {
    version: '79f1994b50f0e40c37fdef1482a46a27',
    rows: { train: 1500, validation: 200, test: 300 },
    quarantine: 's3://artifacts/q.jsonl',
  },
};

describe('rows that were put aside', () => {
  it('are told by rule and column, most frequent first, with the first of them and what to do', async () => {
    const counts = await countAside(LINES, DATA);
    expect(tellAside(RUN, counts, 's3://artifacts/q.jsonl')).toEqual([
      'Dataset 79f1994b50f0e40c37fdef1482a46a27 of houses (run houses-abcdefghij): 2,000 rows kept, 6 rows put aside',
      '',
      '3 rows: not-a-number in price',
      '  such as: price is "n/a", which is not a number (batch-1/houses.csv, line 4)',
      '  what to do: mend it, list "n/a" in "blanks" if it means that there is no value, or declare the column as "text"',
      '',
      '1 row: missing in rooms, left out as the specification wishes',
      '  such as: rooms is missing (batch-1/houses.csv, line 3)',
      '',
      '1 row: duplicate',
      '  such as: another row says the same or something newer (batch-1/houses.csv, line 9)',
      '  what to do: nothing, or set "duplicates" to keep',
      '',
      '1 row: out-of-range in price',
      '  such as: price is "-1", smaller than the allowed 0 (batch-1/houses.csv, line 12)',
      '  what to do: mend it, widen "minimum" and "maximum", or set "outside" to clip or null',
      '',
      'All of them, each with file, line, column and value: s3://artifacts/q.jsonl',
    ]);
  });

  it('of a rejected run follow its reason; none is said, too', async () => {
    const { dataset: _, ...rest } = RUN;
    const rejected = { ...rest, phase: 'rejected', stage: 'data', reason: 'houses.csv: the file is empty' };
    expect(tellAside(rejected, await countAside([], DATA), 's3://q')).toEqual([
      'Run houses-abcdefghij was rejected: houses.csv: the file is empty',
      'no row was put aside',
    ]);
  });

  it('of a rejected run are those of the files that it brought', async () => {
    const { dataset: _, ...rest } = RUN;
    const rejected = {
      ...rest,
      phase: 'rejected',
      reason: 'too many',
      parts: [{ key: 'incoming/houses/new.csv' }],
    };
    const fresh = LINES[1]!.replace('batch-1/houses.csv', 'new.csv');
    const counted = await countAside([...LINES, fresh], DATA, filesInQuestion(rejected));
    expect(tellAside(rejected, counted, 's3://q')).toEqual([
      'Run houses-abcdefghij was rejected: too many',
      '1 row put aside',
      '',
      '1 row: not-a-number in price',
      '  such as: price is "n/a", which is not a number (new.csv, line 4)',
      expect.stringMatching(/^ {2}what to do: mend it/),
      '',
      '6 rows more of files that the dataset had before',
      '',
      'All of them, each with file, line, column and value: s3://q',
    ]);
    expect(filesInQuestion(RUN)).toBeUndefined();
  });
});

describe('whose rows are told', () => {
  const NEWEST = { ...RUN, runId: 'houses-bbbbbbbbbb', phase: 'rejected', stage: 'data' };
  const WAITING = { runId: 'houses-cccccccccc', phase: 'preparing' };
  const answers: Record<string, unknown> = {
    '/v1/runs/houses-abcdefghij': RUN,
    '/v1/runs/houses-bbbbbbbbbb': NEWEST,
    '/v1/pipelines/houses/runs?limit=100': {
      runs: [
        WAITING,
        { runId: 'houses-bbbbbbbbbb', phase: 'rejected', stage: 'data' },
        { runId: 'houses-abcdefghij', phase: 'promoted', dataset: '79f1994b' },
      ],
    },
    '/v1/pipelines/houses/datasets?limit=100': {
      datasets: [
        { version: '79f1994b50f0e40c37fdef1482a46a27', prefix: 's3://x/', runId: 'houses-abcdefghij' },
      ],
    },
    '/v1/pipelines/homes-abcdefghij/runs?limit=100': { runs: [] },
  };
  const api = {
    get: async (path: string) => {
      if (path in answers) return answers[path];
      throw new ApiRefusal(404, { error: 'Unknown', message: `nothing at ${path}` });
    },
  } as unknown as Api;

  it.each([
    ['a pipeline: those of its newest preparation, refused ones included', 'houses', 'houses-bbbbbbbbbb'],
    ['a run', 'houses-abcdefghij', 'houses-abcdefghij'],
    ['a dataset version', 'houses@79f1994b', 'houses-abcdefghij'],
  ])('%s', async (_, name, runId) => {
    expect(await findPreparedRun(api, name)).toMatchObject({ runId });
  });

  it('a pipeline whose name looks like a run has prepared nothing', async () => {
    await expect(findPreparedRun(api, 'homes-abcdefghij')).rejects.toThrow(
      'homes-abcdefghij has prepared no data yet. Drop some with: ratchet drop homes-abcdefghij FILE',
    );
  });
});
