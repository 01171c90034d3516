import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { sourceKey } from '../../shared/aws/keys.ts';
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { parseS3Uri } from '../../shared/contracts/s3-uri.ts';
import type { SourceState } from '../../shared/lifecycle/source.ts';
import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { capturingLog } from '../../shared/runtime/testing/captured-log.ts';
import type { FetchSource } from '../../shared/sources/fetched.ts';
import type { PullRequest } from '../../shared/sources/job.ts';
import { BeyondLimits, SourceProblem } from '../../shared/sources/problem.ts';
import { withFolder } from './adapters.ts';
import { buildOnSourceSchedule } from './on-source-schedule.ts';
import type { IngestPorts } from './ports.ts';
import type { Work } from './testing/fake-processing.ts';
import type { MemoryStorage } from './testing/memory-storage.ts';
import { createWorld, rows, type World } from './testing/world.ts';

const TABLE = 'https://example.org/table.csv';
const MINUTE = 60_000;

const specification = (
  sources: readonly object[] = [{ url: TABLE, every: '1 hour', name: 'table' }],
): PipelineSpecification => specificationOf({ data: { ...specificationOf().data, sources } });

/** Files of more bytes are beyond the function. */
const LIMIT = 5000;

/** A web and an S3 whose files change; an address without a file is a problem. */
function createOutside() {
  const files = new Map<string, string>([[TABLE, rows(0, 40)]]);
  const asked: string[] = [];
  const fetchWithin =
    (limit: number): FetchSource =>
    async (url, { known, path }) => {
      asked.push(url);
      const content = files.get(url);
      if (content === undefined) throw new SourceProblem(`${url} answered 404`);
      if (content === 'broken') throw new TypeError('a fault of ours');
      const sha256 = createHash('sha256').update(content).digest('hex');
      const etag = `"${sha256.slice(0, 8)}"`;
      if (known.etag === etag) return { kind: 'unchanged' };
      if (content.length > limit) throw new BeyondLimits(`${url} is too large`, content.length);
      await writeFile(path, content);
      return { kind: 'fetched', bytes: content.length, sha256, etag };
    };
  /** What the job's program does, over memory. */
  const pullWith =
    (storage: MemoryStorage): Work =>
    async ({ request, output }) => {
      const [from, to] = [parseS3Uri(request), parseS3Uri(output)];
      const asked = storage.text(from.bucket, `${from.key}request.json`) ?? '';
      const { url, known } = JSON.parse(asked) as PullRequest;
      await withFolder(async (folder) => {
        const path = `${folder}/content`;
        const fetched = await fetchWithin(Number.POSITIVE_INFINITY)(url, { known, path });
        const result = { ...fetched, at: '2026-01-01T13:00:00.000Z' };
        if (fetched.kind === 'fetched')
          storage.put(to.bucket, `${to.key}content`, await readFile(path, 'utf8'));
        storage.put(to.bucket, `${to.key}result.json`, JSON.stringify(result));
      });
    };
  return { files, asked, fetch: fetchWithin(LIMIT), pullWith };
}

async function createSourceWorld(own = specification()) {
  const outside = createOutside();
  const world = await createWorld(own, {}, outside.pullWith);
  const pullBy = (ports: IngestPorts) =>
    buildOnSourceSchedule(ports, { https: outside.fetch, s3: outside.fetch });
  const pull = async () => (await capturingLog(pullBy(world.ports))).lines;
  const state = async (name = 'table') =>
    (await world.items.load<SourceState>(sourceKey('wine', name)))?.state;
  return { ...world, ...outside, pullBy, pull, state };
}

const dropped = (world: World) => world.storage.keys('drop');

describe('the schedule of sources', () => {
  it('given a source that nobody has looked at, then its file is dropped, and the dataset tells where it is from', async () => {
    const world = await createSourceWorld();
    const lines = await world.pull();
    const [key = ''] = dropped(world);
    expect(key).toMatch(/^incoming\/wine\/source-table\/000001-[0-9a-f]{16}\.csv$/);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 'info', pipeline: 'wine', source: 'table', key }),
    ]);
    world.clock.now += MINUTE;
    await world.sweep();
    world.clock.now += MINUTE;
    await world.sweep();
    const [run] = await world.listed();
    expect(run).toMatchObject({ phase: 'prepared' });
    const origin = {
      source: 'table',
      url: TABLE,
      sha256: createHash('sha256').update(rows(0, 40)).digest('hex'),
      etag: expect.any(String),
      fetchedAt: new Date(world.clock.now - 2 * MINUTE).toISOString(),
    };
    const manifestKey = world.storage.keys('artifacts').find((name) => name.endsWith('manifest.json'));
    const manifest = JSON.parse(world.storage.text('artifacts', manifestKey ?? '') ?? '');
    expect(manifest.parts).toEqual([expect.objectContaining({ key, sha256: origin.sha256, origin })]);
  });

  it('looks again when its time has come, and drops only what is new', async () => {
    const world = await createSourceWorld();
    await world.pull();
    world.clock.now += 59 * MINUTE;
    await world.pull();
    expect(world.asked).toHaveLength(1);
    world.clock.now += MINUTE;
    await world.pull();
    expect([world.asked.length, dropped(world).length]).toEqual([2, 1]);
    world.files.set(TABLE, rows(100, 40));
    world.clock.now += 60 * MINUTE;
    await world.pull();
    world.files.set(TABLE, rows(0, 40));
    world.clock.now += 60 * MINUTE;
    await world.pull();
    expect(dropped(world).map((key) => key.split('/').at(-1)?.slice(0, 6))).toEqual([
      '000001',
      '000002',
      '000003',
    ]);
    expect(await world.state()).toMatchObject({ drops: 3, failures: 0, last: { key: dropped(world)[2] } });
  });

  it('tries a source that cannot be read again, later each time, and says why', async () => {
    const world = await createSourceWorld();
    world.files.delete(TABLE);
    const lines = await world.pull();
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 'warn',
        source: 'table',
        reason: `${TABLE} answered 404`,
        failures: 1,
      }),
    ]);
    for (const minutes of [1, 1, 1, 1, 1, 1]) {
      world.clock.now += minutes * MINUTE;
      await world.pull();
    }
    // After 1 and 2 more minutes; the next would be after 4.
    expect(world.asked).toHaveLength(3);
    expect(await world.state()).toMatchObject({ failures: 3, problem: { reason: `${TABLE} answered 404` } });
    world.files.set(TABLE, rows(0, 40));
    world.clock.now += 60 * MINUTE;
    await world.pull();
    expect(await world.state()).toEqual(expect.not.objectContaining({ problem: expect.anything() }));
    expect(dropped(world)).toHaveLength(1);
  });

  it('goes on to the other sources when one fails, even by a fault of ours', async () => {
    const other = 's3://bucket/b.csv';
    const world = await createSourceWorld(
      specification([
        { url: TABLE, every: '1 hour' },
        { url: other, every: '1 hour' },
      ]),
    );
    world.files.set(TABLE, 'broken').set(other, rows(50, 10));
    const lines = await world.pull();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', source: '1' });
    expect((await world.state('1'))?.problem?.reason).toBe(`${TABLE} could not be pulled: a fault of ours`);
    expect(dropped(world)).toEqual([expect.stringMatching(/source-2/)]);
  });

  it('looks at once when the address has changed', async () => {
    const world = await createSourceWorld();
    await world.pull();
    const stored = await world.runs.loadPipeline('wine');
    const next = specification([{ url: 'https://example.org/new.csv', every: '1 hour', name: 'table' }]);
    if (stored) await world.runs.savePipeline(stored, { ...stored.state, specification: next });
    world.files.set('https://example.org/new.csv', rows(70, 10));
    await world.pull();
    expect(dropped(world)).toHaveLength(2);
  });

  it('leaves a source to whoever looks at it', async () => {
    const world = await createSourceWorld();
    await Promise.all([world.pull(), world.pullBy(world.ports)()]);
    expect(world.asked).toHaveLength(1);
  });

  it('drops each file once although its process dies after any write', async () => {
    for (let death = 1; death <= 4; death += 1) {
      const world = await createSourceWorld();
      const rounds = capturingLog(async () => {
        world.mortal.dieAfter(death);
        for (let round = 0; round < 4; round += 1) {
          await world
            .pullBy(world.ports)()
            .catch(() => undefined);
          if (world.mortal.isDead) world.mortal.revive();
          world.clock.now += 20 * MINUTE;
        }
      });
      await rounds;
      expect([death, dropped(world).length, (await world.state())?.drops]).toEqual([death, 1, 1]);
    }
  });
});

describe('a source that is beyond a function', () => {
  const LARGE = rows(0, 400);
  const begun = async () => {
    const world = await createSourceWorld();
    world.files.set(TABLE, LARGE);
    const lines = await world.pull();
    const name = world.sourceJobs.orders[0]?.name ?? '';
    const minuteLater = async () => {
      world.clock.now += MINUTE;
      return world.pull();
    };
    return { ...world, lines, name, minuteLater };
  };
  const left = (world: World) => world.storage.keys('artifacts').filter((key) => key.startsWith('sources/'));

  it('given that it says how large it is, then a job is begun that pulls it, and said so', async () => {
    const world = await begun();
    expect(JSON.parse(world.lines[0] ?? '')).toMatchObject({ level: 'info', job: { name: world.name } });
    expect(world.sourceJobs.orders).toEqual([
      expect.objectContaining({ instance: 'ml.m5.large', volumeGb: 11 }),
    ]);
    expect(await world.state()).toEqual({
      name: 'table',
      url: TABLE,
      drops: 0,
      failures: 0,
      job: { name: world.name, since: '2026-01-01T12:00:00.000Z', bytes: LARGE.length },
      jobs: 1,
    });
    // Nothing more happens to it while the job is at it.
    await world.minuteLater();
    expect([world.asked.length, world.sourceJobs.orders.length]).toEqual([1, 1]);
  });

  it('given that its job is done, then its file is dropped as if a function had pulled it, and the folder is cleared', async () => {
    const world = await begun();
    await world.sourceJobs.complete(world.name);
    await world.minuteLater();
    const sha256 = createHash('sha256').update(LARGE).digest('hex');
    const key = `incoming/wine/source-table/000001-${sha256.slice(0, 16)}.csv`;
    const at = '2026-01-01T13:00:00.000Z';
    const etag = `"${sha256.slice(0, 8)}"`;
    expect(dropped(world)).toEqual([key]);
    expect(await world.storage.head('drop', key)).toMatchObject({
      size: LARGE.length,
      origin: { source: 'table', url: TABLE, sha256, etag, fetchedAt: at },
    });
    expect(await world.state()).toEqual({
      name: 'table',
      url: TABLE,
      drops: 1,
      failures: 0,
      checkedAt: world.clock.now,
      jobs: 1,
      last: { key, bytes: LARGE.length, sha256, etag, at },
    });
    expect(left(world)).toEqual([]);
    // An hour later it has not changed, which no job needs to find out.
    world.clock.now += 60 * MINUTE;
    await world.pull();
    expect([world.sourceJobs.orders.length, dropped(world).length]).toEqual([1, 1]);
  });

  it('given that its content is the last one, then nothing is dropped', async () => {
    const world = await begun();
    await world.sourceJobs.complete(world.name);
    await world.minuteLater();
    world.files.set(TABLE, `${LARGE}1,2,3\n`);
    world.clock.now += 60 * MINUTE;
    await world.pull();
    const second = world.sourceJobs.orders[1]?.name ?? '';
    expect(second).toMatch(/-2$/);
    world.files.set(TABLE, LARGE);
    await world.sourceJobs.complete(second);
    await world.minuteLater();
    expect(await world.state()).toMatchObject({ drops: 1, failures: 0 });
    expect([dropped(world).length, left(world)]).toEqual([1, []]);
  });

  it.each([
    ['answered 404', { told: true }, 'warn', /^answered 404$/],
    [
      'AlgorithmError: See job logs',
      { told: false },
      'error',
      /^https:\/\/example\.org\/table\.csv could not be pulled: the job \S+-1 failed: AlgorithmError: See/,
    ],
  ])(
    'given that its job fails with "%s" %j, then it is tried again later',
    async (message, fault, level, reason) => {
      const world = await begun();
      world.sourceJobs.fail(world.name, message, fault);
      const [line = ''] = await world.minuteLater();
      expect(JSON.parse(line)).toMatchObject({ level, failures: 1, reason: expect.stringMatching(reason) });
      expect(await world.state()).toMatchObject({
        failures: 1,
        problem: { reason: expect.stringMatching(reason) },
      });
      expect(left(world)).toEqual([]);
      await world.minuteLater();
      const second = world.sourceJobs.orders[1]?.name ?? '';
      expect(second).toMatch(/-2$/);
      await world.sourceJobs.complete(second);
      await world.minuteLater();
      expect(await world.state()).toMatchObject({ failures: 0, drops: 1 });
      expect(await world.state()).not.toHaveProperty('problem');
    },
  );

  it.each([
    ['no result', 'result.json', undefined, /has left no result\.json/],
    ['half a file', 'content', 'y,a', /speaks of \d+ bytes and has left 3$/],
  ])('given that its job has left %s, then that is a failure', async (_, file, content, reason) => {
    const world = await begun();
    await world.sourceJobs.complete(world.name);
    const key = left(world).find((name) => name.endsWith(`/output/${file}`)) ?? '';
    await world.storage.remove('artifacts', key);
    if (content) world.storage.put('artifacts', key, content);
    await world.minuteLater();
    expect((await world.state())?.problem?.reason).toMatch(reason);
    expect(dropped(world)).toEqual([]);
  });

  it('given that no job can be begun, then that is a failure with a reason', async () => {
    const world = await createSourceWorld();
    world.files.set(TABLE, LARGE);
    const start = async () => {
      throw new Error('AccessDenied: not this role');
    };
    await capturingLog(world.pullBy({ ...world.ports, sourceJobs: { ...world.ports.sourceJobs, start } }));
    expect(await world.state()).toMatchObject({
      failures: 1,
      jobs: 1,
      problem: {
        reason: expect.stringMatching(
          /table\.csv could not be pulled: the job \S+-1 could not be begun: AccessDenied: not this role$/,
        ),
      },
    });
    expect(await world.state()).not.toHaveProperty('job');
  });

  it.each(['describe', 'copyOnce'] as const)(
    'given that AWS does not answer (%s), then its job is not given up',
    async (call) => {
      const world = await begun();
      await world.sourceJobs.complete(world.name);
      const { storage, sourceJobs } = world.ports;
      const silent = async () => {
        throw new Error('ThrottlingException: later');
      };
      const ports = {
        ...world.ports,
        storage: { ...storage, ...(call === 'copyOnce' ? { copyOnce: silent } : {}) },
        sourceJobs: { ...sourceJobs, ...(call === 'describe' ? { describe: silent } : {}) },
      };
      const { lines } = await capturingLog(world.pullBy(ports));
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', failures: 0 });
      expect(await world.state()).toMatchObject({
        job: { name: world.name },
        problem: { reason: `${TABLE} could not be pulled: ThrottlingException: later` },
      });
      await world.minuteLater();
      expect(await world.state()).toMatchObject({ drops: 1, failures: 0 });
      expect(await world.state()).not.toHaveProperty('problem');
    },
  );

  it('given that it is beyond any job, then it is refused at once', async () => {
    const world = await createSourceWorld();
    const fetch: FetchSource = async (url) => {
      throw new BeyondLimits(`${url} is too large`, 2 ** 40);
    };
    await capturingLog(buildOnSourceSchedule(world.ports, { https: fetch, s3: fetch }));
    expect((await world.state())?.problem?.reason).toMatch(/has more than 274,877,906,944 bytes/);
    expect(world.sourceJobs.orders).toEqual([]);
  });

  it('given that its address changes meanwhile, then the job is left alone, and the next has another number', async () => {
    const world = await begun();
    const url = 'https://example.org/new.csv';
    const stored = await world.runs.loadPipeline('wine');
    const next = specification([{ url, every: '1 hour', name: 'table' }]);
    if (stored) await world.runs.savePipeline(stored, { ...stored.state, specification: next });
    world.files.set(url, rows(1000, 400));
    await world.minuteLater();
    expect(world.sourceJobs.orders[1]?.name).toMatch(/-2$/);
    await world.sourceJobs.complete(world.name);
    await world.sourceJobs.complete(world.sourceJobs.orders[1]?.name ?? '');
    await world.minuteLater();
    expect(await world.state()).toMatchObject({ url, drops: 1, jobs: 2 });
    expect(dropped(world)).toHaveLength(1);
  });

  it('is dropped once although processes die after any write', async () => {
    const deaths: number[] = [];
    for (let death = 1; death <= 11; death += 1) {
      const world = await createSourceWorld();
      world.files.set(TABLE, LARGE);
      const round = async () => {
        await capturingLog(world.pullBy(world.ports)).catch(() => undefined);
        if (world.mortal.isDead) deaths.push(death);
        if (world.mortal.isDead) world.mortal.revive();
        await world.sourceJobs.completeAll();
        world.clock.now += 20 * MINUTE;
      };
      world.mortal.dieAfter(death);
      for (let count = 0; count < 5; count += 1) await round();
      const { drops, jobs } = (await world.state()) ?? {};
      expect([death, dropped(world).length, drops, jobs]).toEqual([death, 1, 1, 1]);
      expect(world.sourceJobs.orders).toHaveLength(1);
    }
    // Claim, hand on, ask, start, note; claim, copy, note, remove three files: it died after each of them.
    expect(deaths).toEqual(Array.from({ length: 11 }, (_, at) => at + 1));
  });
});
