import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ImageProgram } from '../images.ts';

const GUARD = fileURLToPath(new URL('./orphan-guard.mjs', import.meta.url));
const SUPERVISE = fileURLToPath(new URL('./supervise.mjs', import.meta.url));

export interface ChildOptions {
  readonly program: ImageProgram;
  /** `train` or `serve`, or what the job declares in their place. */
  readonly words: readonly string[];
  /** Stands for /opt/ml: the program's SAGEMAKER_BASE_DIR and working folder. */
  readonly baseDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where stdout and stderr go: a file descriptor, or each piece of text to a function. */
  readonly output: number | ((text: string) => void);
}

export interface Child {
  readonly pid: number | undefined;
  /** Resolves with the exit code, 128 + signal number when killed, 127 when it could not be started. */
  readonly exited: Promise<number>;
  readonly running: boolean;
  /** SIGTERM, then SIGKILL to the whole group after `graceMs`. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts a container's program in a process group of its own with nothing of the host's environment but PATH.
 * Its stdin is a pipe that ends when the cloud dies; orphan-guard.mjs then ends the group.
 */
export function startChild(options: ChildOptions): Child {
  const { output, baseDir } = options;
  const sink = typeof output === 'number' ? output : 'pipe';
  const [command = '', ...args] = guarded([...options.program.command, ...options.words]);
  const child = spawn(command, args, {
    cwd: baseDir,
    detached: true,
    stdio: ['pipe', sink, sink],
    env: { PATH: process.env.PATH, ...options.program.env, ...options.env, SAGEMAKER_BASE_DIR: baseDir },
  });
  if (typeof output === 'function') forward(child, output);
  child.stdin?.on('error', () => undefined);
  return running(child);
}

/** Node programs preload the guard; others are run by a small Node program that does. */
function guarded(argv: readonly string[]): string[] {
  const [program = '', ...args] = argv;
  const isNode = /^node(?:\.exe)?$/.test(basename(program));
  return isNode
    ? [program, '--import', GUARD, ...args]
    : [process.execPath, '--import', GUARD, SUPERVISE, ...argv];
}

function forward(child: ChildProcess, output: (text: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', output);
  }
}

function running(child: ChildProcess): Child {
  const exit = Promise.withResolvers<number>();
  let gone = false;
  const end = (code: number) => {
    gone = true;
    exit.resolve(code);
  };
  child.on('error', () => end(127));
  // A container ends with its first program: whatever that has left behind ends too.
  child.on('exit', () => kill('SIGKILL'));
  // `close` rather than `exit`: by then all of its output has arrived.
  child.on('close', (code, signal) => end(code ?? 128 + (signal ? constants.signals[signal] : 0)));

  function kill(signal: NodeJS.Signals): void {
    if (gone || child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group has just ended.
    }
  }

  return {
    pid: child.pid,
    exited: exit.promise,
    get running() {
      return !gone;
    },
    stop: async (graceMs) => {
      if (gone) return;
      // To the program itself: what it has started is its own to end.
      child.kill('SIGTERM');
      const timer = setTimeout(() => kill('SIGKILL'), graceMs);
      await exit.promise;
      clearTimeout(timer);
    },
  };
}
