import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What a process took from its start to its end, as it tells in its last line. */
export interface Spent {
  readonly cpuS: number;
  readonly wallS: number;
  readonly peakMib: number;
}

/** Runs a program that ends by telling what it spent: `{"cpuS": …, "wallS": …, "peakMib": …}`. */
export async function runToEnd(command: string, args: readonly string[]): Promise<Spent> {
  const { stdout } = await promisify(execFile)(command, args);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Spent;
}

/** For the end of such a program in Node. */
export function tellSpent(): void {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const spent: Spent = {
    cpuS: (userCPUTime + systemCPUTime) / 1e6,
    wallS: performance.now() / 1000,
    peakMib: maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(spent)}\n`);
}
