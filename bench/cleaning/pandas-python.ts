import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/package-service.ts';

const VENV = join(root, 'node_modules', '.cache', 'ratchet-bench');
const PACKAGES = ['pandas==2.3.3', 'pyarrow==22.0.0'];

/** A Python with pandas, in a virtual environment that is made at the first time; undefined, and told, where this
 * machine has none. */
export function pandasPython(tell: (line: string) => void): string | undefined {
  const python = join(VENV, 'bin', 'python');
  const hasPandas = () =>
    existsSync(python) && spawnSync(python, ['-c', 'import pandas, pyarrow']).status === 0;
  if (hasPandas()) return python;
  tell('Installing pandas into a virtual environment …');
  spawnSync('python3', ['-m', 'venv', VENV]);
  spawnSync(python, ['-m', 'pip', 'install', '--quiet', ...PACKAGES]);
  if (hasPandas()) return python;
  tell('pandas is left out: there is no Python 3 with venv here, or PyPI cannot be reached.');
  return undefined;
}
