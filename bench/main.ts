/** `npm run bench -- SUBJECT [--rows N]`: measures one subject and prints a table, each figure beside what bare means give in the same
 * run. Exits with 0 unless something breaks: machines differ, ratios less so. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { numberOf } from '../cli/number-option.ts';
import { measureCleaning } from './cleaning.ts';
import { measureCloud } from './cloud.ts';
import { measureRows } from './rows.ts';
import { figuresTable, type Measurement } from './support/figures.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: 'string' } },
});
const SUBJECTS: Readonly<Record<string, Measurement>> = {
  cleaning: measureCleaning(values.rows === undefined ? undefined : numberOf('rows', values.rows, 1)),
  cloud: measureCloud,
  rows: measureRows,
};

const [subject = ''] = positionals;
const measure = Object.hasOwn(SUBJECTS, subject) ? SUBJECTS[subject] : undefined;
if (!measure || positionals.length !== 1) {
  process.stderr.write(`Name one subject: npm run bench -- ${Object.keys(SUBJECTS).join('|')}\n`);
  process.exit(64);
}
const figures = await measure((line) => process.stderr.write(`${line}\n`));
process.stdout.write(`${figuresTable(figures)}\n`);
