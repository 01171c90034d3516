/** `npm run spark`: what the Spark image needs on one machine, a virtual environment with the packages of
 * containers/spark/requirements.txt, made once for each state of that file. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SPARK_VENV } from '../local/sagemaker/process/python.ts';
import { CliError, exitCode } from './exit.ts';
import { print } from './terminal.ts';

const root = join(import.meta.dirname, '..');
const REQUIREMENTS = join(root, 'containers/spark/requirements.txt');
const VENV = join(root, SPARK_VENV);
const INSTALLED = join(VENV, 'installed');

/** The interpreter of the virtual environment. Throws CliError that says what to install. */
export function installSparkPython(): string {
  const interpreter = join(VENV, 'bin/python');
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  if (!existsSync(INSTALLED) || readFileSync(INSTALLED, 'utf8') !== wanted) {
    rmSync(VENV, { recursive: true, force: true });
    mustRun('python3', ['-m', 'venv', VENV], 'Debian: apt-get install python3-venv');
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS];
    mustRun(interpreter, install, 'Python 3.9 to 3.12 is needed');
    writeFileSync(INSTALLED, wanted);
  }
  mustRun('java', ['-version'], 'Java 17 is needed; Debian: apt-get install openjdk-17-jre-headless');
  return interpreter;
}

function mustRun(program: string, args: readonly string[], hint: string): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return;
  const command = [program, ...args].join(' ');
  throw new CliError(`"${command}" failed (${hint}): ${error ?? stderr}`, exitCode.unavailable);
}

if (import.meta.main) print(`The Spark image runs here with ${installSparkPython()}`);
