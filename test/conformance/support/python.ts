/**
 * boto3 twice: PyPI's, pinned, in a virtual environment that is made once, and Debian's (package python3-boto3),
 * years older. The cases of a service are one file of unittest; each of them is one jest test per boto3.
 */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWith, type OutsideClient } from '../../support/outside-client.ts';
import { virtualEnvironment } from '../../support/virtual-environment.ts';

const REQUIREMENTS = ['boto3==1.44.8'];
const RUN_CASES = join(import.meta.dirname, 'run_cases.py');
const DEBIAN_PYTHON = '/usr/bin/python3';
const MAX_OUTPUT_BYTES = 64 * 1024 ** 2;

export interface Python extends OutsideClient {
  readonly interpreter: string;
}

/** Made on first use: the packages of a virtual environment take some seconds. */
let pythons: readonly Python[] | undefined;

/** Declares the tests of a file of unittest cases, run by each boto3 against the endpoint. */
export function describeBoto3(title: string, casesFile: string, environment: () => PythonEnvironment): void {
  pythons ??= [pypiBoto3(), debianBoto3()];
  for (const python of pythons) {
    describeWith(python, title, () => {
      let outcomes: Outcomes = {};
      beforeAll(async () => {
        outcomes = await runCases(python, casesFile, environment());
      }, 280_000);
      it.each(caseNames(casesFile))('%s', (name) => {
        const outcome = outcomes[name];
        if (outcome !== 'passed') throw new Error(outcome ?? `${name} did not run`);
      });
    });
  }
}

/** `ENDPOINT` is what `endpoint.client` connects to; the others are the cases' own. */
export interface PythonEnvironment {
  readonly ENDPOINT: string;
  readonly [name: string]: string;
}

/** By `Class.test_name`: `passed`, or the traceback. */
type Outcomes = Readonly<Record<string, string>>;

async function runCases(
  python: Python,
  casesFile: string,
  environment: PythonEnvironment,
): Promise<Outcomes> {
  const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1', ...environment };
  const options = { env, maxBuffer: MAX_OUTPUT_BYTES };
  const { stdout } = await promisify(execFile)(python.interpreter, [RUN_CASES, casesFile], options);
  return JSON.parse(stdout) as Outcomes;
}

/** The cases of a file, which jest has to know before Python runs. */
function caseNames(casesFile: string): string[] {
  const names: string[] = [];
  let className = '';
  for (const line of readFileSync(casesFile, 'utf8').split('\n')) {
    className = /^class (\w+)/.exec(line)?.[1] ?? className;
    const method = /^ {4}def (test_\w+)/.exec(line)?.[1];
    if (method) names.push(`${className}.${method}`);
  }
  return names;
}

function pypiBoto3(): Python {
  const name = `boto3 ${REQUIREMENTS[0]!.split('==')[1]} (PyPI)`;
  return { name, ...virtualEnvironment('conformance', REQUIREMENTS) };
}

function debianBoto3(): Python {
  const script = 'import boto3; print(boto3.__version__)';
  const { status, stdout } = spawnSync(DEBIAN_PYTHON, ['-c', script], { encoding: 'utf8' });
  const version = status === 0 ? stdout.trim() : '';
  const missing = 'python3-boto3 is missing; install it with "apt-get install python3-boto3"';
  return {
    name: `boto3 ${version} (Debian)`.replace('  ', ' '),
    interpreter: DEBIAN_PYTHON,
    missing: version === '' ? missing : undefined,
  };
}
