/** The embedded cloud as processes that can be killed. Linux: processes are found through /proc. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageService, root } from '../../cli/package-service.ts';
import type { CloudInfo } from '../../local/cloud.ts';
import { connect, STAGE, type TestCloud } from '../e2e/support/test-cloud.ts';

/** A minute of AWS's pace takes a second. */
const SCALE = 60;
const LONGEST_START_MS = 60_000;

export interface MortalCloud extends Omit<TestCloud, 'dir' | 'close'> {
  /** kill -9 of the cloud and of every process that it has started. Answers how many there were. */
  killAll(): Promise<number>;
  /** kill -9 of the cloud's own process alone. */
  killAlone(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

export async function startMortalCloud(dir: string): Promise<MortalCloud> {
  const packageDir = await packageService(STAGE);
  const child = spawn(
    process.execPath,
    [
      join(root, 'local', 'main.ts'),
      ...['--dir', dir, '--package', packageDir, '--port', '0', '--api-port', '0'],
      ...['--scale', String(SCALE), '--max-warm', '12'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const connection = connect(JSON.parse(await firstLine(child)) as CloudInfo);
  const pid = child.pid as number;
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  /** A process that has ended must not be killed: its number may be another's by now. */
  function doom(): void {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`The embedded cloud has ended by itself (${child.signalCode ?? child.exitCode})`);
    connection.s3.destroy();
  }

  return {
    ...connection,
    killAll: async () => {
      doom();
      const doomed = [pid, ...descendantsOf(pid)];
      for (const one of doomed) kill(one);
      await exited;
      return doomed.length;
    },
    killAlone: async () => {
      doom();
      kill(pid);
      await exited;
    },
    stop: async () => {
      doom();
      child.kill('SIGTERM');
      return (await exited)[0];
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  const timeout = setTimeout(() => child.kill('SIGKILL'), LONGEST_START_MS);
  const line = once(createInterface(child.stdout as NodeJS.ReadableStream), 'line');
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`The embedded cloud ended at its start (${signal ?? `exit code ${code}`})`);
  });
  try {
    return ((await Promise.race([line, ended])) as [string])[0];
  } finally {
    clearTimeout(timeout);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

const pids = (): number[] => readdirSync('/proc').map(Number).filter(Number.isInteger);

function read(path: string, how: (path: string) => string): string {
  try {
    return how(path);
  } catch {
    return '';
  }
}
const text = (path: string): string => read(path, (file) => readFileSync(file, 'utf8'));

/** The fourth field of /proc/PID/stat; the second, in brackets, may hold blanks. */
function parentOf(pid: number): number {
  const stat = text(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function descendantsOf(ancestor: number): number[] {
  const parents = new Map(pids().map((pid) => [pid, parentOf(pid)]));
  const found = [ancestor];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found.slice(1);
}

/** Processes that work in `dir`: by their command, their environment or their working folder. */
export function workersIn(dir: string): string[] {
  return pids().flatMap((pid) => {
    const command = text(`/proc/${pid}/cmdline`);
    const traces = [command, text(`/proc/${pid}/environ`), read(`/proc/${pid}/cwd`, readlinkSync)];
    const isOurs = pid !== process.pid && traces.some((trace) => trace.includes(dir));
    return isOurs ? [`${pid} ${command.replaceAll('\0', ' ')}`] : [];
  });
}

/** Waits until no process works in `dir` any more; answers those that have not ended after `seconds`. */
export async function orphansOf(dir: string, seconds: number): Promise<string[]> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const left = workersIn(dir);
    if (left.length === 0 || Date.now() > end) return left;
    await sleep(100);
  }
}
