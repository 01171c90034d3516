/** Packages of PyPI, pinned, in a virtual environment that is made once and kept beside node_modules. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CACHE = join(import.meta.dirname, '../../node_modules/.cache');

export interface VirtualEnvironment {
  readonly interpreter: string;
  /** What is not there and how to get it; undefined when the packages can be used. */
  readonly missing: string | undefined;
}

/** `name` is the environment's folder: a new one for other requirements. */
export function virtualEnvironment(name: string, requirements: readonly string[]): VirtualEnvironment {
  const folder = join(CACHE, name, requirements.join('-').replaceAll('==', '-'));
  const interpreter = join(folder, 'bin/python');
  const installed = join(folder, 'installed');
  if (existsSync(installed)) return { interpreter, missing: undefined };
  rmSync(folder, { recursive: true, force: true });
  const steps = [
    ['python3', '-m', 'venv', folder],
    [interpreter, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements],
  ] as const;
  for (const [program, ...args] of steps) {
    const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
    if (status === 0) continue;
    const missing = `"${[program, ...args].join(' ')}" failed (Debian: apt-get install python3-venv): ${error ?? stderr}`;
    return { interpreter, missing };
  }
  writeFileSync(installed, '');
  return { interpreter, missing: undefined };
}
