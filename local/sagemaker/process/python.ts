import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The interpreter of container programs in Python, and what it gets of this machine's environment. */
export interface Python {
  readonly interpreter: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where `npm run spark` puts its virtual environment, below the repository's root. */
export const SPARK_VENV = 'node_modules/.cache/ratchet-spark';

/** The one that RATCHET_PYTHON names, else the virtual environment of `npm run spark`, else `python3` of the PATH. */
export function findPython(root: string, environment: Readonly<Record<string, string | undefined>>): Python {
  const { RATCHET_PYTHON: named, JAVA_HOME } = environment;
  const own = join(root, SPARK_VENV, 'bin/python');
  const interpreter = named || (existsSync(own) ? own : 'python3');
  return { interpreter, env: JAVA_HOME ? { JAVA_HOME } : {} };
}
