/** What a process and all that it has started take of memory. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const SAMPLE_MS = 500;

export interface MemoryWatch {
  /** The most memory (MiB) that the process and its descendants took together so far. */
  peak(): number;
  stop(): void;
}

/** Looks at `pid` and its descendants twice a second, until it is stopped. */
export function watchMemory(pid: number): MemoryWatch {
  let peak = 0;
  const sample = (): void => {
    const sizes = [pid, ...descendantsOf(pid)].map(memoryOf);
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
export function descendantsOf(ancestor: number): number[] {
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
