import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { sourceKey } from '../../shared/aws/keys.ts';
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { SourceState } from '../../shared/lifecycle/source.ts';
import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { capturingLog } from '../../shared/runtime/testing/captured-log.ts';
import { buildOnSourceSchedule } from './on-source-schedule.ts';
import type { FetchSource, IngestPorts } from './ports.ts';
import { SourceProblem } from './source-problem.ts';
import { createWorld, rows, type World } from './testing/world.ts';

const TABLE = 'https://example.org/table.csv';
const MINUTE = 60_000;

const specification = (
  sources: readonly object[] = [{ url: TABLE, every: '1 hour', name: 'table' }],
): PipelineSpecification => specificationOf({ data: { ...specificationOf().data, sources } });

/** A web and an S3 whose files change; an address without a file is a problem. */
function createOutside() {
  const files = new Map<string, string>([[TABLE, rows(0, 40)]]);
  const asked: string[] = [];
  const fetch: FetchSource = async (url, { known, path }) => {
    asked.push(url);
    const content = files.get(url);
    if (content === undefined) throw new SourceProblem(`${url} answered 404`);
    if (content === 'broken') throw new TypeError('a fault of ours');
    const sha256 = createHash('sha256').update(content).digest('hex');
    const etag = `"${sha256.slice(0, 8)}"`;
    if (known.etag === etag) return { kind: 'unchanged' };
    await writeFile(path, content);
    return { kind: 'fetched', bytes: content.length, sha256, etag };
  };
  return { files, asked, fetch };
}

async function createSourceWorld(own = specification()) {
  const world = await createWorld(own);
  const outside = createOutside();
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
