/** `npm run test:kill -- [--count 20] [--seed N] [jest's own options]`: the kill suite, then its report. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { numberOf } from '../../cli/number-option.ts';
import { root } from '../../cli/package-service.ts';
import { print } from '../../cli/terminal.ts';
import { type KillReport, reportText } from './report.ts';

const own: Record<string, number> = {};
const others: string[] = [];
const words = process.argv.slice(2);
while (words.length > 0) {
  const [name, ...rest] = (words.shift() as string).split('=');
  const option = { '--count': 'count', '--seed': 'seed' }[name as string];
  if (!option) others.push([name, ...rest].join('='));
  else own[option] = numberOf(option, rest.length > 0 ? rest.join('=') : (words.shift() ?? ''), 1);
}

const scratch = mkdtempSync(join(tmpdir(), 'ratchet-kill-report-'));
const report = join(scratch, 'report.json');
const jest = spawn(
  process.execPath,
  [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    ...[join(root, 'node_modules/jest/bin/jest.js'), '--config', join(root, 'jest.further.config.mjs')],
    ...['--runInBand', '--globals', JSON.stringify({ kill: { ...own, report } }), ...others, 'test/kill'],
  ],
  { cwd: root, stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => jest.kill(signal));
const [code] = (await once(jest, 'exit')) as [number | null];
if (existsSync(report)) print(`\n${reportText(JSON.parse(readFileSync(report, 'utf8')) as KillReport)}`);
rmSync(scratch, { recursive: true });
process.exitCode = code ?? 1;
