/** `npm run test:engines -- [--count 1000] [--seed N] [--engines row,duckdb,spark] [--shrink SECONDS]`: generated
 * specifications and dirty files through every engine that this machine has, compared with the reference of the
 * contract. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { numberOf } from '../../cli/number-option.ts';
import { print } from '../../cli/terminal.ts';
import { duckdbEngine } from './duckdb-engine.ts';
import type { Engine } from './engine.ts';
import { rowEngine } from './row-engine.ts';
import { sparkEngine } from './spark-engine.ts';
import { casesOf, type Difference, shrink, tryAll } from './trial.ts';

/** Differing cases that are told of. */
const TOLD = 8;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: `${1 + Math.floor(Math.random() * 1e9)}` },
    engines: { type: 'string', default: 'row,duckdb,spark' },
    shrink: { type: 'string', default: '120' },
  },
});
const count = numberOf('count', values.count, 1);
const seed = numberOf('seed', values.seed, 1);
const shrinkingMs = 1000 * numberOf('shrink', values.shrink, 0);

const scratch = mkdtempSync(join(tmpdir(), 'ratchet-engines-'));
const engines = enginesHere(values.engines.split(','));
try {
  process.exitCode = await run();
} finally {
  for (const engine of engines) await engine.stop();
  rmSync(scratch, { recursive: true, force: true });
}

function enginesHere(wanted: readonly string[]): readonly Engine[] {
  const spark = sparkEngine(process.env);
  const all = [rowEngine, duckdbEngine(), spark];
  if (wanted.includes('spark') && !spark) print('Spark is left out: there is no pyspark here.');
  return all
    .filter((engine) => engine !== undefined)
    .filter(({ name }) => wanted.includes(name.toLowerCase()));
}

async function run(): Promise<number> {
  const names = engines.map(({ name }) => name).join(', ');
  print(`Seed ${seed}; engines: ${names}`);
  const begun = performance.now();
  const cases = casesOf(seed, count);
  const tell = (done: number) => process.stderr.isTTY && process.stderr.write(`\r${done} cases `);
  const found = await tryAll(engines, cases, scratch, tell);
  const rows = cases.flatMap(({ parts }) => parts).reduce((sum, { records }) => sum + records.length, 0);
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  print(
    `${count} cases with ${rows} rows; ${names}: ${found.length} differences from the reference; ${seconds} s`,
  );
  for (const difference of found.slice(0, TOLD)) printDifference(difference);
  if (found[0] && shrinkingMs > 0) {
    print('\nLooking for a smaller case …');
    printCase(await shrink(found[0], seed, scratch, shrinkingMs));
  }
  return found.length > 0 ? 1 : 0;
}

function printDifference({ engine, run: at, sentences }: Difference): void {
  print(`\n${engine.name}, case ${at}:`);
  for (const sentence of sentences) print(`  ${sentence}`);
}

function printCase(difference: Difference): void {
  printDifference(difference);
  const { engine, run: at, of } = difference;
  print(`\ndata: ${JSON.stringify(of.written)}`);
  for (const { key, bytes, format } of of.parts) print(`\n${key} (${format}): ${shown(bytes)}`);
  print(
    `\nAgain: npm run test:engines -- --seed ${seed} --count ${at + 1} --engines ${engine.name.toLowerCase()}`,
  );
}

function shown(bytes: Buffer): string {
  const packed = bytes[0] === 0x1f || bytes[0] === 0x28;
  return packed ? `base64 ${bytes.toString('base64')}` : JSON.stringify(bytes.toString());
}
