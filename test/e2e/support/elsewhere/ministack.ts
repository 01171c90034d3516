/** MiniStack (PyPI package `ministack`, MIT): installed once into a virtual environment under the user's cache, started on
 * a free port of 127.0.0.1. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The version whose results docs/elsewhere.md holds. */
export const MINISTACK_VERSION = '1.5.33';
const HOME = join(homedir(), '.cache', 'ratchet', `ministack-${MINISTACK_VERSION}`);
const LONGEST_INSTALL_MS = 300_000;
const LONGEST_START_MS = 30_000;
const LONGEST_STOP_MS = 5_000;
const EVERY_MS = 25;

export interface MiniStack extends AsyncDisposable {
  readonly endpoint: string;
  readonly pid: number;
  /** From the start of its process to its first answer. */
  readonly readyMs: number;
}

/** MiniStack's own entry; on Linux it ends when this process does, however that comes about. */
const ENTRY = `
import signal
try:
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
except AttributeError:
    pass
from ministack.app import main
main()
`;

/** Answers the Python that has it, installing it when it is missing. Throws, saying what to install, when there is no Python. */
export async function installMiniStack(): Promise<string> {
  const python = join(HOME, 'bin', 'python');
  if (existsSync(join(HOME, 'bin', 'ministack'))) return python;
  mkdirSync(dirname(HOME), { recursive: true });
  const run = promisify(execFile);
  try {
    await run('python3', ['-m', 'venv', HOME], { timeout: LONGEST_INSTALL_MS });
    const pip = join(HOME, 'bin', 'pip');
    const wanted = `ministack==${MINISTACK_VERSION}`;
    await run(pip, ['install', '--quiet', '--disable-pip-version-check', wanted], {
      timeout: LONGEST_INSTALL_MS,
    });
  } catch (error) {
    rmSync(HOME, { recursive: true, force: true });
    throw new Error('MiniStack was not installed; it needs python3 with venv, and pip', { cause: error });
  }
  return python;
}

/** Starts an empty MiniStack; what it says goes to `log`. `environment` is added to its own. */
export async function startMiniStack(options: {
  readonly log: string;
  readonly environment?: Readonly<Record<string, string>>;
}): Promise<MiniStack> {
  const python = await installMiniStack();
  const port = String(await freePort());
  const log = openSync(options.log, 'a');
  const started = performance.now();
  const child = spawn(python, ['-c', ENTRY], {
    // Functions are its children, and end with its group.
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      // Functions run under this Node.
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: port,
      ...options.environment,
    },
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const end = () => endGroup(child);
  try {
    await answers(child, `${endpoint}/_ministack/health`);
  } catch (error) {
    await end();
    throw new Error(`MiniStack did not start:\n${readFileSync(options.log, 'utf8').slice(-2_000)}`, {
      cause: error,
    });
  }
  return {
    endpoint,
    pid: child.pid as number,
    readyMs: performance.now() - started,
    [Symbol.asyncDispose]: end,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port');
  return address.port;
}

async function answers(child: ChildProcess, url: string): Promise<void> {
  const end = performance.now() + LONGEST_START_MS;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    if (child.exitCode !== null) throw new Error(`It ended with exit code ${child.exitCode}`);
    if (performance.now() > end) throw new Error(`It did not answer within ${LONGEST_START_MS / 1000} s`);
    await sleep(EVERY_MS);
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  const group = -(child.pid as number);
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  signal(group, 'SIGTERM');
  await Promise.race([exited, sleep(LONGEST_STOP_MS, undefined, { ref: false })]);
  signal(group, 'SIGKILL');
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(group, name);
  } catch {
    // All of the group have ended.
  }
}
