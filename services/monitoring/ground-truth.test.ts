import { runKey } from '../../shared/aws/keys.ts';
import { parseS3Uri } from '../../shared/contracts/s3-uri.ts';
import type { GroundTruthReport } from './ground-truth-report.ts';
import { created, drop, flush, namesOf, trafficOf } from './testing/traffic.ts';
import {
  champion,
  championRun,
  createWorld,
  hour,
  pipeline,
  specificationOf,
  type World,
} from './testing/world.ts';

const other = `${pipeline}-bbbbbbbbbb`;

const labelledParts = (world: World) => world.objects.keys('artifacts', `datasets/${pipeline}/labelled/`);
const received = (world: World) =>
  world.published.flatMap((event) =>
    event.name === 'GroundTruthReceived.v1' ? [[event.detail.matched, event.detail.unmatched]] : [],
  );
const reportOf = async (world: World): Promise<GroundTruthReport> => {
  const [noted] = (await world.monitor()).groundTruth;
  return (await world.objects.json(parseS3Uri(noted?.report ?? ''))) as GroundTruthReport;
};

describe('ground truth', () => {
  it('given labels after their captures, then the rows are kept for training and counted', async () => {
    const world = await createWorld();
    const traffic = trafficOf({ name: 'a', count: 20, wrong: 2 });
    await flush(world, traffic);
    await drop(world, traffic);
    expect(received(world)).toEqual([[20, 0]]);
    const [part] = labelledParts(world);
    const lines = world.objects
      .text({ bucket: 'artifacts', key: part ?? '' })
      .trim()
      .split('\n');
    expect(lines).toHaveLength(21);
    expect(lines[0]).toBe('y,x0,x1,x2');
    expect(lines[1]).toMatch(/^[01],0\.\d{4},0\.\d{4},0\.\d{4}$/);
    expect(await world.monitor()).toMatchObject({
      episode: { model: champion, quality: { metric: 'accuracy', labels: 20, sum: 18 } },
      labelled: { parts: [{ rows: 20 }] },
      groundTruth: [{ matched: 20, unmatched: 0, malformed: 0 }],
    });
  });

  it('given labels before their captures, then a later capture finds them', async () => {
    const world = await createWorld();
    const [first, second] = [trafficOf({ name: 'a', count: 5 }), trafficOf({ name: 'b', count: 5 })];
    await drop(world, {
      ...first,
      labels: { key: first.labels.key, text: first.labels.text + second.labels.text },
    });
    await flush(world, second);
    await flush(world, first);
    expect(received(world)).toEqual([
      [0, 10],
      [5, 5],
      [10, 0],
    ]);
    expect((await world.monitor()).labelled.parts.map(({ rows }) => rows)).toEqual([5, 5]);
  });

  it('given a capture whose message never comes, then the sweep finds it', async () => {
    const world = await createWorld();
    const traffic = trafficOf({ name: 'a', count: 5 });
    await drop(world, traffic);
    world.objects.put({ bucket: 'artifacts', key: traffic.capture.key }, traffic.capture.text);
    await world.onSweep();
    expect(received(world)).toEqual([[0, 5]]);
    world.clock.now += 61_000;
    await world.onSweep();
    expect(received(world)).toEqual([
      [0, 5],
      [5, 0],
    ]);
  });

  it('given labels that never meet an inference, then after seven days they are given up and said so', async () => {
    const world = await createWorld();
    await drop(world, trafficOf({ name: 'a', count: 5 }));
    for (let sweeps = 0; sweeps < 60; sweeps += 1) {
      world.clock.now += 4 * 3_600_000;
      await world.onSweep();
    }
    expect(received(world)).toEqual([
      [0, 5],
      [0, 5],
    ]);
    expect((await world.monitor()).groundTruth).toMatchObject([{ unmatched: 5 }]);
    expect((await world.monitor()).groundTruth[0]?.tryAt).toBeUndefined();
    expect((await reportOf(world)).unmatched).toHaveLength(5);
    expect((await world.stored()).due).toBeUndefined();
  });

  it('given the same object twice, also under another key, then nothing changes', async () => {
    const world = await createWorld();
    const traffic = trafficOf({ name: 'a', count: 20 });
    await flush(world, traffic);
    await drop(world, traffic);
    const before = await world.stored();
    await drop(world, traffic);
    await drop(world, {
      ...traffic,
      labels: { ...traffic.labels, key: `ground-truth/${pipeline}/again.jsonl` },
    });
    expect(await world.stored()).toEqual(before);
    expect(labelledParts(world)).toHaveLength(1);
  });

  it('given bad lines among good ones, then each is reported with its reason and the rest counts', async () => {
    const world = await createWorld();
    const traffic = trafficOf({ name: 'a', count: 3 });
    await flush(world, traffic);
    const two = JSON.stringify({
      groundTruthData: { data: '1,2', encoding: 'CSV' },
      eventMetadata: { eventId: 'a-0' },
    });
    const text = `oops\n${two}\n${traffic.labels.text.split('\n').slice(1).join('\n')}`;
    await drop(world, { ...traffic, labels: { ...traffic.labels, text } });
    expect(await reportOf(world)).toMatchObject({
      object: traffic.labels.key,
      matched: 2,
      malformedCount: 1,
      malformed: [{ line: 1, reason: 'no JSON object' }],
      mismatched: ['a-0'],
      unmatched: [],
    });
    expect((await world.monitor()).groundTruth).toMatchObject([{ matched: 2, malformed: 2, unmatched: 0 }]);
  });

  it.each([
    ['a binary file', '\u0000\u0001\uFFFD\n\u0002'],
    ['an empty file', ''],
  ])('given %s, then it is noted and nothing waits', async (_, text) => {
    const world = await createWorld();
    await flush(world, trafficOf({ name: 'a', count: 3 }));
    const key = `ground-truth/${pipeline}/${hour}/bad.jsonl`;
    await drop(world, { ...trafficOf({ name: 'a', count: 3 }), labels: { key, text } });
    expect(received(world)).toEqual([[0, 0]]);
    expect((await world.monitor()).groundTruth).toMatchObject([{ object: key, matched: 0, unmatched: 0 }]);
  });

  it('given a record that could not be read, then it is not kept for training', async () => {
    const world = await createWorld();
    const traffic = trafficOf({ name: 'a', count: 2 });
    const text = traffic.capture.text.replace(
      /"data":"[\d.,]+","encoding":"CSV"\},"endpointOutput"/,
      '"data":"0.1,0.3","encoding":"CSV"},"endpointOutput"',
    );
    await flush(world, { ...traffic, capture: { ...traffic.capture, text } });
    await drop(world, traffic);
    expect(await reportOf(world)).toMatchObject({ matched: 2, unusable: 1 });
    expect((await world.monitor()).labelled.parts).toMatchObject([{ rows: 1 }]);
  });

  it.each([
    ['an unknown pipeline', 'drop', 'ground-truth/beer/a.jsonl'],
    ['a folder', 'drop', `ground-truth/${pipeline}/2026/`],
    ['another bucket', 'artifacts', `ground-truth/${pipeline}/a.jsonl`],
    ['an object that is gone', 'drop', `ground-truth/${pipeline}/gone.jsonl`],
  ])('given %s, then it is passed over', async (_, bucket, key) => {
    const world = await createWorld();
    await world.onGroundTruth(created(bucket, key));
    expect(await world.stored()).toBeUndefined();
  });

  it('given too many objects that wait, then the next one has to come again', async () => {
    const world = await createWorld();
    for (let i = 0; i < 40; i += 1) await drop(world, trafficOf({ name: `w${i}`, count: 1 }));
    await expect(drop(world, trafficOf({ name: 'one-more', count: 1 }))).rejects.toMatchObject({
      code: 'TooManyOpenDrops',
    });
  });
});

describe('live quality', () => {
  it('given enough labels and a clear loss, then it is announced once', async () => {
    const world = await createWorld();
    for (const name of ['a', 'b', 'c']) {
      const traffic = trafficOf({ name, count: 20, wrong: 8 });
      await flush(world, traffic);
      await drop(world, traffic);
    }
    expect(namesOf(world).filter((name) => name === 'QualityDegraded.v1')).toHaveLength(1);
    const event = world.published.find(({ name }) => name === 'QualityDegraded.v1');
    expect(event?.detail).toMatchObject({ model: champion, metric: 'accuracy', value: 0.6, expected: 0.95 });
  });

  it('given labels of another model, then they are kept for training and do not count for the champion', async () => {
    const world = await createWorld();
    const [old, own] = ['old', 'own'].map((name) => trafficOf({ name, count: 40, wrong: 40 }));
    await flush(world, old!);
    await world.promote(other);
    await drop(world, old!);
    expect(await world.monitor()).toMatchObject({
      episode: { runId: other, quality: { labels: 0 } },
      labelled: { parts: [{ rows: 40 }] },
    });
    await drop(world, own!);
    expect(namesOf(world)).not.toContain('QualityDegraded.v1');
  });

  it('given labels of a model with other columns, then no training gets them', async () => {
    const world = await createWorld();
    const old = trafficOf({ name: 'old', count: 40 });
    await flush(world, old);
    await world.promote(other);
    const stored = await world.items.load<object>(runKey(pipeline, other));
    if (!stored) throw new Error('no run');
    const specification = specificationOf(undefined, ['x0', 'x1', 'z']);
    await world.items.commit(stored, { state: { ...stored.state, specification } });
    await drop(world, old);
    expect(await reportOf(world)).toMatchObject({ matched: 40, unusable: 40, parts: [] });
    expect((await world.monitor()).labelled.parts).toEqual([]);
  });

  it('given a gate that measured something else, then live quality is counted and not judged', async () => {
    const world = await createWorld();
    const stored = await world.items.load<object>(runKey(pipeline, championRun));
    if (!stored) throw new Error('no run');
    await world.items.commit(stored, { state: { ...stored.state, gate: { metric: 'rmse', candidate: 3 } } });
    const traffic = trafficOf({ name: 'a', count: 60, wrong: 60 });
    await flush(world, traffic);
    await drop(world, traffic);
    expect((await world.monitor()).episode?.quality).toEqual({ metric: 'accuracy', labels: 60, sum: 0 });
    expect(namesOf(world)).toEqual(['GroundTruthReceived.v1']);
  });

  it('given a loss within the tolerance, or too few labels, then nothing is announced', async () => {
    const world = await createWorld();
    const few = trafficOf({ name: 'few', count: 29, wrong: 20 });
    await flush(world, few);
    await drop(world, few);
    const many = await createWorld();
    const good = trafficOf({ name: 'good', count: 100, wrong: 9 });
    await flush(many, good);
    await drop(many, good);
    expect([...namesOf(world), ...namesOf(many)]).toEqual([
      'GroundTruthReceived.v1',
      'GroundTruthReceived.v1',
    ]);
  });
});
