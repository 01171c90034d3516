import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ChildOptions, startChild } from './child.ts';

const STOP_GRACE_MS = 120_000;
const MIN_STOP_GRACE_MS = 2000;
const CLOSE_GRACE_MS = 2000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How a job's program is run. `Why` says why it is told to end before it ends by itself; the cloud's own closing is
 * always among these reasons. */
export interface ProgramOptions<Why extends string> {
  readonly child: Omit<ChildOptions, 'output'>;
  /** Takes what the program prints. */
  readonly logFile: string;
  readonly onText?: (text: string) => void;
  /** What ends it: signals, and times in milliseconds from its start. */
  readonly signals: readonly (readonly [Why | 'closing', AbortSignal])[];
  readonly timers: readonly (readonly [Why, number])[];
  /** It is about to be ended. */
  readonly onEnding?: (why: Why | 'closing') => void;
  /** How much faster than AWS's the cloud's times go. */
  readonly scale: number;
}

export interface ProgramEnd<Why extends string> {
  readonly why: Why | 'closing' | undefined;
  /** 127 when it could not be started. */
  readonly code: number;
  readonly ranMs: number;
}

/** Runs a job's program to its end: by itself, or by SIGTERM and, after AWS's 120 s (scaled), SIGKILL. */
export async function runProgram<Why extends string>(options: ProgramOptions<Why>): Promise<ProgramEnd<Why>> {
  const log = openLog(options.logFile);
  const began = performance.now();
  const child = startChild({
    ...options.child,
    output: (text) => {
      log.write(text);
      options.onText?.(text);
    },
  });
  let why: Why | 'closing' | undefined;
  const end = (reason: Why | 'closing') => () => {
    // What ends it first is why it ended; whoever runs it sees the other reasons when it has.
    if (why === 'closing' || (why !== undefined && reason !== 'closing')) return;
    if (why === undefined) options.onEnding?.(reason);
    why = reason;
    const grace = Math.max(MIN_STOP_GRACE_MS, STOP_GRACE_MS / options.scale);
    void child.stop(reason === 'closing' ? CLOSE_GRACE_MS : grace);
  };
  const ended = new AbortController();
  const timers = options.timers.map(([reason, ms]) => setTimeout(end(reason), Math.min(ms, MAX_TIMER_MS)));
  for (const [reason, signal] of options.signals) onAbort(signal, end(reason), ended.signal);
  const code = await child.exited;
  for (const timer of timers) clearTimeout(timer);
  ended.abort();
  log.end();
  return { why, code, ranMs: performance.now() - began };
}

function onAbort(signal: AbortSignal, action: () => void, until: AbortSignal): void {
  if (signal.aborted) action();
  else signal.addEventListener('abort', action, { once: true, signal: until });
}

function openLog(file: string) {
  mkdirSync(dirname(file), { recursive: true });
  return createWriteStream(file, { flags: 'a' });
}
