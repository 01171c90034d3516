/** The embedded cloud as a process of its own, and how much memory it and all its children take. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Connection } from '../connection.ts';
import { CliError } from '../exit.ts';
import { root } from '../package-service.ts';
import { watchMemory } from '../process-memory.ts';

export interface CloudProcess {
  readonly connection: Connection;
  /** The most memory (MiB) that this program, the cloud and all their children took together so far. */
  peakMemoryMb(): number;
  stop(): Promise<void>;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
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
  const sampler = watchMemory(process.pid);
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
