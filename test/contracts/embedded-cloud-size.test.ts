/** The embedded cloud is a means: how large it may be is decided in docs/adr/0001-embedded-cloud.md and held here. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTestCode } from './architecture/rules.ts';

const root = join(import.meta.dirname, '../..');
/** Lines of code (no blank lines, no comments, no imports) of `local/` without SageMaker. */
const MOST_LINES = 8_000;

it(`stays under ${MOST_LINES} lines without SageMaker`, () => {
  const files = globSync('local/**/*.ts', { cwd: root }).filter(
    (path) => !path.startsWith('local/sagemaker/') && !isTestCode(path) && !/test-server|-fixture/.test(path),
  );
  const parts = Map.groupBy(files, (path) => path.split('/').slice(1, -1)[0] ?? '');
  const sizes = [...parts].map(([part, paths]) => [part, sum(paths.map(linesOf))] as const);
  const total = sum(sizes.map(([, lines]) => lines));
  const largest = sizes.sort(([, a], [, b]) => b - a).map(([part, lines]) => `${part || '.'} ${lines}`);
  if (total > MOST_LINES) throw new Error(`local/ has ${total} lines: ${largest.join(', ')}`);
  expect(total).toBeGreaterThan(MOST_LINES / 2);
});

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function linesOf(path: string): number {
  const code = readFileSync(join(root, path), 'utf8')
    .replace(/^import [^;]*;$/gm, '')
    .replace(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '')
    .replace(/^\s*\/\/.*$/gm, '');
  return code.split('\n').filter((line) => line.trim() !== '').length;
}
