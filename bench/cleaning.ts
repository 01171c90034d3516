/** Cleaning: a table of orders with dirt in it through the ingest function's engine, through the best DuckDB script that a
 * person would write for this table alone, and through pandas; and what memory the engine takes as the table grows. Each
 * run is a process of its own. `--rows N`: how large the table is (5,000,000 by default). */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../cli/package-service.ts';
import { writeOrders } from './cleaning/orders.ts';
import { pandasPython } from './cleaning/pandas-python.ts';
import { type Figure, type Measurement, median } from './support/figures.ts';
import { runToEnd, type Spent } from './support/spent.ts';

const ROWS = 5_000_000;
const PAIRS = 3;
/** Sizes of the table beside its own, for memory. */
const SIZES = [0.02, 0.2, 4];

export const measureCleaning =
  (rows = ROWS): Measurement =>
  async (tell) => {
    const scratch = mkdtempSync(join(tmpdir(), 'ratchet-cleaning-'));
    try {
      return await measure(rows, scratch, tell);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  };

async function measure(rows: number, scratch: string, tell: (line: string) => void): Promise<Figure[]> {
  const table = join(scratch, 'orders.csv');
  tell(`Writing ${count(rows)} rows …`);
  writeOrders(table, rows);
  const clean = (program: string, path = table) =>
    inFolder(scratch, (folder) => runProgram(program, path, folder));
  const ours: Spent[] = [];
  const byHand: Spent[] = [];
  for (let pair = 1; pair <= PAIRS; pair++) {
    tell(`Cleaning them by the engine and by the hand-written script, ${pair} of ${PAIRS} …`);
    ours.push(await clean('engine.ts'));
    byHand.push(await clean('hand-written-program.ts'));
  }
  const figures = besideScript(rows, ours, byHand);
  const pandas = await measurePandas(table, scratch, tell);
  if (pandas) figures.push(...besidePandas(await clean('engine.ts'), pandas));
  const peak = median(ours.map(({ peakMib }) => peakMib));
  figures.push({ name: `peak memory, ${count(rows)} rows`, value: peak, unit: 'MiB' });
  for (const size of SIZES) {
    const some = Math.round(rows * size);
    tell(`Cleaning ${count(some)} rows …`);
    const path = join(scratch, 'other.csv');
    writeOrders(path, some);
    const { peakMib, wallS } = await clean('engine.ts', path);
    figures.push({ name: `peak memory, ${count(some)} rows`, value: peakMib, unit: 'MiB' });
    figures.push({ name: `wall time, ${count(some)} rows`, value: wallS, unit: 's' });
  }
  return figures;
}

const count = (rows: number): string => rows.toLocaleString('en');

async function inFolder<T>(scratch: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(scratch, 'cleaned');
  mkdirSync(folder);
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const runProgram = (program: string, path: string, folder: string): Promise<Spent> =>
  runToEnd(process.execPath, [join(root, 'bench', 'cleaning', program), path, folder]);

function besideScript(rows: number, ours: readonly Spent[], byHand: readonly Spent[]): Figure[] {
  const of = (runs: readonly Spent[], key: keyof Spent) => median(runs.map((run) => run[key]));
  const baseline = (key: keyof Spent) => ({ name: 'hand-written DuckDB', value: of(byHand, key) });
  const ratio = median(ours.map(({ cpuS }, pair) => cpuS / byHand[pair]!.cpuS));
  return [
    { name: `CPU time, ${count(rows)} rows`, value: of(ours, 'cpuS'), unit: 's', baseline: baseline('cpuS') },
    {
      name: `wall time, ${count(rows)} rows`,
      value: of(ours, 'wallS'),
      unit: 's',
      baseline: baseline('wallS'),
    },
    { name: 'peak memory', value: of(ours, 'peakMib'), unit: 'MiB', baseline: baseline('peakMib') },
    { name: 'CPU, times the hand-written', value: ratio, unit: '×', goal: { bound: 'below', value: 1.3 } },
  ];
}

async function measurePandas(
  table: string,
  scratch: string,
  tell: (line: string) => void,
): Promise<Spent | undefined> {
  const python = pandasPython(tell);
  if (!python) return undefined;
  tell('Cleaning them by pandas …');
  const program = join(root, 'bench', 'cleaning', 'pandas_orders.py');
  return inFolder(scratch, (folder) => runToEnd(python, [program, table, folder]));
}

/** `ours` ran right behind it. */
function besidePandas({ wallS: wall, peakMib: peak }: Spent, pandas: Spent): Figure[] {
  return [
    {
      name: 'wall time beside pandas',
      value: wall,
      unit: 's',
      baseline: { name: 'pandas', value: pandas.wallS },
    },
    {
      name: 'pandas takes so many times longer',
      value: pandas.wallS / wall,
      unit: '×',
      goal: { bound: 'at least', value: 3 },
    },
    {
      name: 'peak memory beside pandas',
      value: peak,
      unit: 'MiB',
      baseline: { name: 'pandas', value: pandas.peakMib },
    },
    {
      name: 'memory, times that of pandas',
      value: peak / pandas.peakMib,
      unit: '×',
      goal: { bound: 'below', value: 0.5 },
    },
  ];
}
