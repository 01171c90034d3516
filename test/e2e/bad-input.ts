import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exitCode } from '../../cli/exit.ts';
import { root } from '../../cli/package-service.ts';
import { type BusListener, listen } from './support/bus-listener.ts';
import { points, pointsCsv } from './support/specifications.ts';
import { createStory } from './support/story.ts';
import { patient } from './support/target.ts';
import type { TestCloud } from './support/test-cloud.ts';

/** Line 8 asks for a type that there is not; line 12 has a share above 1; `train` and `evaluate` are missing. */
const WRONG_SPECIFICATION = `name: wrong
data:
  columns:
    - name: x
      type: number
    - {
        name: y,
        type: nummer,
      }
  target: y
  quality:
    maximumQuarantined: 20
`;

interface BadDrop {
  readonly name: string;
  readonly key: string;
  readonly body: string | Uint8Array;
  /** The pipeline under which it is shown. */
  readonly shownAt: string;
  readonly reason: RegExp;
}

const ODD_NAME = 'incoming/points/🦆 %25+*';
const LONG_KEY = ODD_NAME + 'k'.repeat(1024 - Buffer.byteLength(ODD_NAME));

/** What a console writes for an empty folder: no data, and no reason to complain. */
const FOLDERS = ['incoming/points/', 'incoming/points/2026/', 'incoming/'];

const BAD_DROPS: readonly BadDrop[] = [
  {
    name: 'a file for a pipeline that nobody has declared',
    key: 'incoming/nobody/data.csv',
    body: pointsCsv(10, 1),
    shownAt: 'nobody',
    reason: /There is no pipeline "nobody"; declare it first/,
  },
  {
    name: 'a file outside any pipeline’s folder',
    key: 'incoming/data.csv',
    body: pointsCsv(10, 1),
    shownAt: 'unknown',
    reason: /"incoming\/data\.csv" is in no pipeline's folder; drop files as incoming\/<pipeline>\/<file>/,
  },
  {
    name: 'a file outside incoming/',
    key: 'data.csv',
    body: pointsCsv(10, 1),
    shownAt: 'unknown',
    reason: /"data\.csv" is in no pipeline's folder/,
  },
  {
    name: 'a CSV with missing columns',
    key: 'incoming/points/narrow.csv',
    body: 'x,colour\n0.5,red\n',
    shownAt: 'points',
    reason: /narrow\.csv.*lacks the columns y, above; it has x, colour/,
  },
  {
    name: 'an empty file',
    key: 'incoming/points/empty.csv',
    body: '',
    shownAt: 'points',
    reason: /empty\.csv.*empty/,
  },
  {
    name: 'a binary file',
    key: 'incoming/points/picture.csv',
    body: Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]),
      randomBytes(5_000),
    ]),
    shownAt: 'points',
    reason: /picture\.csv.*(binary|text)/,
  },
  {
    name: 'an Excel workbook',
    key: 'incoming/points/book.xlsx',
    body: Buffer.concat([Buffer.from('PK\x03\x04'), randomBytes(5_000)]),
    shownAt: 'points',
    reason: /book\.xlsx.*zip archive or an Excel workbook/,
  },
  {
    name: 'a file that two dots would lead out of its folder',
    key: 'incoming/points/../up.csv',
    body: '',
    shownAt: 'points',
    reason: /incoming\/points\/\.\.\/up\.csv.*empty/,
  },
  {
    name: 'a file in a folder without a name',
    key: 'incoming/points//deep/double.csv',
    body: '',
    shownAt: 'points',
    reason: /incoming\/points\/\/deep\/double\.csv.*empty/,
  },
  {
    name: 'a file with an odd name of 1,024 bytes',
    key: LONG_KEY,
    body: '',
    shownAt: 'points',
    reason: /🦆 %25\+\*k+.*empty/,
  },
  {
    name: 'a file for a pipeline without a name',
    key: 'incoming//a.csv',
    body: pointsCsv(10, 1),
    shownAt: 'unknown',
    reason: /"incoming\/\/a\.csv" is in no pipeline's folder/,
  },
  {
    name: 'a file with too many bad rows',
    key: 'incoming/points/dirty.csv',
    body: pointsCsv(100, 2).replaceAll(/,1$/gm, ',yes'),
    shownAt: 'points',
    reason: /quarantine.*above.*yes/s,
  },
];

export function describeBadInput(cloudOf: () => TestCloud): void {
  describe('bad input', () => {
    let cloud: TestCloud;
    let bus: BusListener;

    beforeAll(async () => {
      cloud = cloudOf();
      bus = await listen(cloud, 'bad-input');
      await cloud.api.send('PUT', '/v1/pipelines/points', JSON.stringify(points()));
      await Promise.all(FOLDERS.map((key) => cloud.drop(key, '')));
      await Promise.all(BAD_DROPS.map(({ key, body }) => cloud.drop(key, body)));
    }, patient(30_000));

    afterAll(() => bus?.close());

    it.each(BAD_DROPS)(
      '$name is rejected, with an event and a reason',
      async ({ key, shownAt, reason }) => {
        const story = createStory(cloud.api, shownAt);
        const rejected = await story.until(`${key} to be rejected`, 30, async () =>
          (await story.runs()).find((run) => reason.test(run.reason ?? '')),
        );
        expect(rejected).toMatchObject({ phase: 'rejected', stage: 'data', pipeline: shownAt });
        const event = await bus.hear('DatasetRejected.v1', ({ runId }) => runId === rejected.runId, 10);
        expect(event).toMatchObject({ pipeline: shownAt, reason: rejected.reason });
      },
      patient(60_000),
    );

    it('is rejected once each, and has left no other run', async () => {
      for (const name of new Set(BAD_DROPS.map(({ shownAt }) => shownAt))) {
        const runs = await createStory(cloud.api, name).runs();
        expect(runs.map(({ phase }) => phase)).toEqual(
          BAD_DROPS.filter(({ shownAt }) => shownAt === name).map(() => 'rejected'),
        );
      }
    });

    it('a specification with errors is refused by the API, each with its place and what was expected', async () => {
      await expect(cloud.api.send('PUT', '/v1/pipelines/wrong', WRONG_SPECIFICATION)).rejects.toMatchObject({
        status: 400,
        problem: {
          error: 'InvalidSpecification',
          problems: expect.arrayContaining([
            {
              line: 8,
              column: 15,
              path: '/data/columns/1/type',
              message: expect.stringMatching(/integer.*number.*text/),
            },
            {
              line: 12,
              column: 25,
              path: '/data/quality/maximumQuarantined',
              message: expect.stringMatching(/1/),
            },
            expect.objectContaining({ path: '', message: expect.stringContaining('train') }),
          ]),
        },
      });
      await expect(cloud.api.get('/v1/pipelines/wrong')).rejects.toMatchObject({ status: 404 });
    });

    it('a specification with errors is refused by `ratchet apply`, as file:line:column', async () => {
      const scratch = mkdtempSync(join(tmpdir(), 'ratchet-apply-'));
      const file = join(scratch, 'wrong.yml');
      writeFileSync(file, WRONG_SPECIFICATION);
      const apply = promisify(execFile)(process.execPath, [
        join(root, 'cli', 'main.ts'),
        ...['apply', file, '--dir', cloud.dir],
      ]);
      const refusal = await apply.then(
        () => 'accepted',
        (error: unknown) => error,
      );
      rmSync(scratch, { recursive: true });
      expect(refusal).toMatchObject({
        code: exitCode.badData,
        stderr: expect.stringContaining(`${file}:8:15: /data/columns/1/type: `),
      });
    });

    it.each([
      ['GET', '/v1/pipelines/nobody-else/runs', 404, 'UnknownPipeline'],
      ['GET', '/v1/runs/points-aaaaaaaaaa', 404, 'UnknownRun'],
      ['GET', '/v1/models/no-model', 404, 'UnknownModel'],
      ['GET', '/v1/pipelines/points/runs?limit=many', 400, 'InvalidLimit'],
      ['PUT', '/v1/pipelines/points', 400, 'InvalidSpecification'],
      ['POST', '/v1/pipelines/points/runs', 400, 'InvalidJson'],
    ])('%s %s is answered with %i %s', async (method, path, status, error) => {
      const body = method === 'GET' ? {} : { body: 'not: [closed' };
      const answer = await fetch(`${cloud.info.apiUrl}${path}`, { method, ...body });
      expect([answer.status, await answer.json()]).toEqual([
        status,
        expect.objectContaining({ error, message: expect.stringMatching(/\w+ \w+/) }),
      ]);
    });
  });
}
