/** The same dataset from one executor, from two, and from two of which one is killed meanwhile: byte by byte. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { close } from '../engines/close.ts';
import { type Prepared, reference } from '../engines/reference.ts';
import { describeWith } from '../support/outside-client.ts';
import { SAMPLE_DATA, type SampleParts, sampleParts } from './support/sample-parts.ts';
import { filesOf, type Spark, scratchFolder, sparkPython, startSpark } from './support/spark.ts';

const python = sparkPython();

const PARTITIONS = 2;
const ROWS = 8_000;
/** A dataset takes several times as long on a machine that does nothing else. */
const KILLED_AFTER_MS = 1_000;

describeWith(python, 'local-cluster', () => {
  const { interpreter } = python;
  const folder = scratchFolder();
  let sample: SampleParts;
  let alone: Record<string, Buffer>;

  beforeAll(async () => {
    sample = sampleParts(join(folder.path, 'parts'), 4, ROWS, 1);
    await using spark = startSpark(interpreter, 'local-cluster[1,1,1024]', PARTITIONS);
    alone = await prepared(spark, 'alone');
  });
  afterAll(() => folder[Symbol.dispose]());

  async function prepared(spark: Spark, name: string): Promise<Record<string, Buffer>> {
    const directory = join(folder.path, name);
    const kinds = await spark.prepare([{ data: SAMPLE_DATA, parts: sample.files, directory }]);
    expect(kinds).toEqual(['prepared']);
    return filesOf(directory);
  }

  function expectSame(files: Record<string, Buffer>): void {
    expect(Object.keys(files)).toEqual(Object.keys(alone));
    const different = Object.keys(alone).filter((name) => !files[name]!.equals(alone[name]!));
    expect(different).toEqual([]);
  }

  it('writes the files of the contract', () => {
    expect(Object.keys(alone)).toEqual([
      'fitted.json',
      'parquet/test.parquet',
      'parquet/train.parquet',
      'parquet/validation.parquet',
      'quarantine.jsonl',
      'result.json',
      'test/features.csv',
      'test/labels.csv',
      'test/records.csv',
      'train/data.csv',
      'validation/data.csv',
    ]);
  });

  it('fits what the reference fits, though no sample holds all values', () => {
    const { fitted, rows, aside } = reference(SAMPLE_DATA, sample.known) as Prepared;
    const found = JSON.parse(alone['fitted.json']!.toString());
    expect(found.split).toEqual(fitted.split);
    expect(found.columns.x).toEqual(fitted.columns.x);
    expect(found.columns.group).toEqual(fitted.columns.group);
    for (const key of ['low', 'high', 'fill'] as const)
      expect(close(fitted.columns.z![key], found.columns.z[key])).toBe(true);
    const result = JSON.parse(alone['result.json']!.toString());
    const count = (side: string) => rows.filter((row) => row.side === side).length;
    expect(result.rows).toEqual({
      train: count('train'),
      validation: count('validation'),
      test: count('test'),
    });
    expect(alone['quarantine.jsonl']!.toString().trim().split('\n')).toHaveLength(aside.length);
  });

  it('gives the same from two executors, and when one of them is killed meanwhile', async () => {
    await using spark = startSpark(interpreter, 'local-cluster[2,1,1024]', PARTITIONS);
    expectSame(await prepared(spark, 'two'));
    const before = executorsOf(spark.process.pid!);
    expect(before).toHaveLength(2);

    let isDone = false;
    const answer = prepared(spark, 'killed').finally(() => {
      isDone = true;
    });
    await sleep(KILLED_AFTER_MS);
    expect(isDone).toBe(false);
    process.kill(before[0]!, 'SIGKILL');
    expectSame(await answer);
    expect(executorsOf(spark.process.pid!)).not.toContain(before[0]);
  });
});

/** The executors' processes below a driver's. */
function executorsOf(driver: number): number[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(processes.map((pid) => [Number(pid), parentOf(pid)]));
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && parent > 0 && (parent === driver || isBelow(parent));
  };
  return processes
    .map(Number)
    .filter((pid) => isBelow(pid) && read(`/proc/${pid}/cmdline`).includes('CoarseGrainedExecutorBackend'));
}

const parentOf = (pid: string): number =>
  Number(/^\d+ \(.*\) \S (\d+)/s.exec(read(`/proc/${pid}/stat`))?.[1] ?? 0);

/** Nothing of a process that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
