/** The embedded cloud as a process of its own, and how much memory it and all its children take. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Connection } from '../connection.ts';
import { CliError } from '../exit.ts';
import { root } from '../package-service.ts';

export interface CloudProcess {
  readonly connection: Connection;
  /** The most memory (MiB) that this program, the cloud and all their children took together so far. */
  peakMemoryMb(): number;
  stop(): Promise<void>;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const SAMPLE_MS = 500;
const LONGEST_STOP_MS = 20_000;

export async function startCloudProcess(options: {
  folder: string;
  packageDir: string;
  speed: number;
  /** Seed of the adversary. */
  chaos?: number | undefined;
}): Promise<CloudProcess> {
  const { folder, packageDir, speed, chaos } = options;
  const child = spawn(
    process.execPath,
    [
      join(root, 'local', 'main.ts'),
      ...['--dir', folder, '--package', packageDir, '--port', '0', '--api-port', '0'],
      ...['--scale', String(speed), '--max-warm', '14', '--idle-ms', '20000'],
      ...(chaos === undefined ? [] : ['--chaos', String(chaos)]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const sampler = watchMemory();
  // Whoever ends the demo ends its cloud.
  const onSignal = (signal: NodeJS.Signals): void => {
    void end(child).finally(() => process.exit(128 + constants.signals[signal]));
  };
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    const connection = JSON.parse(await firstLine(child)) as Connection;
    return {
      connection,
      peakMemoryMb: sampler.peak,
      stop: async () => {
        sampler.stop();
        await end(child);
        for (const signal of SIGNALS) process.off(signal, onSignal);
      },
    };
  } catch (error) {
    sampler.stop();
    await end(child);
    throw error;
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new CliError(`The embedded cloud ended at its start (exit code ${code})`)),
    );
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_STOP_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

function watchMemory() {
  let peak = 0;
  const sample = (): void => {
    const sizes = [process.pid, ...descendantsOf(process.pid)].map(memoryOf);
    const own = sizes.reduce((sum, { privateMb }) => sum + privateMb, 0);
    // What processes share (the program text of Node, mapped files) is in memory once.
    const shared = Math.max(...sizes.map(({ sharedMb }) => sharedMb));
    peak = Math.max(peak, own + shared);
  };
  const timer = setInterval(sample, SAMPLE_MS);
  timer.unref();
  return { peak: () => Math.round(peak), stop: () => clearInterval(timer) };
}

/** Linux only; elsewhere nothing is known of other processes, and the peak is this program's own. */
function descendantsOf(ancestor: number): number[] {
  if (!existsSync('/proc')) return [];
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  const open = [ancestor];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    const below = children.get(pid) ?? [];
    found.push(...below);
    open.push(...below);
  }
  return found;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The fourth field of /proc/PID/stat; the second, in brackets, may hold blanks. */
function parentOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

const PAGES_PER_MB = 256;

/** Fields two and three of /proc/PID/statm: resident and shared pages of 4 KiB. (The exact proportional set size would
 * take a fifth of a core to read twice a second.) */
function memoryOf(pid: number): { privateMb: number; sharedMb: number } {
  const statm = read(`/proc/${pid}/statm`);
  if (statm === undefined) {
    return { privateMb: pid === process.pid ? process.memoryUsage.rss() / 2 ** 20 : 0, sharedMb: 0 };
  }
  const [, resident = 0, shared = 0] = statm.split(' ').map(Number);
  return { privateMb: (resident - shared) / PAGES_PER_MB, sharedMb: shared / PAGES_PER_MB };
}
