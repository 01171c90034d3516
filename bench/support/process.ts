/** Programs of this repository as processes that say by a line when they are ready. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { root } from '../../cli/package-service.ts';
import { type MemoryWatch, watchMemory } from '../../cli/process-memory.ts';
import type { CloudInfo } from '../../local/cloud.ts';

export interface Running extends AsyncDisposable {
  readonly pid: number;
  /** Its first line. */
  readonly line: string;
  /** From the start of the process to that line. */
  readonly readyMs: number;
}

const LONGEST_STOP_MS = 30_000;

/** Runs this Node with `args`; throws when it ends before its first line. */
export async function runNode(args: readonly string[]): Promise<Running> {
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${args[0]} ended with exit code ${code} before it was ready`);
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  const readyMs = performance.now() - started;
  ended.catch(() => undefined);
  return { pid: child.pid as number, line, readyMs, [Symbol.asyncDispose]: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_STOP_MS);
  child.kill('SIGTERM');
  await once(child, 'exit');
  clearTimeout(timer);
}

export interface RunningCloud extends AsyncDisposable {
  readonly info: CloudInfo;
  readonly readyMs: number;
  /** Of the cloud and all that it has started. */
  readonly memory: MemoryWatch;
}

/** The embedded cloud on a package; `scale` divides the times that it imposes. */
export async function runCloud(options: {
  readonly dir: string;
  readonly packageDir: string;
  readonly scale?: number;
}): Promise<RunningCloud> {
  const { dir, packageDir, scale = 1 } = options;
  const running = await runNode([
    join(root, 'local', 'main.ts'),
    ...['--dir', dir, '--package', packageDir, '--port', '0', '--api-port', '0'],
    ...['--scale', String(scale)],
  ]);
  const memory = watchMemory(running.pid);
  return {
    info: JSON.parse(running.line) as CloudInfo,
    readyMs: running.readyMs,
    memory,
    [Symbol.asyncDispose]: async () => {
      memory.stop();
      await running[Symbol.asyncDispose]();
    },
  };
}
