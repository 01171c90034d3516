import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** What an answer to `LogType=Tail` holds at most. */
const TAIL_BYTES = 4_096;

/** What Lambda reports at the end of an invocation. Times in milliseconds, memory in MB. */
export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  /** Of the invocation that waited for the initialisation. */
  readonly initMs: number | undefined;
  readonly memoryMb: number;
  readonly peakMemoryMb: number | undefined;
  /** `Status: …` of an invocation that failed. */
  readonly status: string | undefined;
}

/** The log stream of one environment, in the events that Lambda writes. */
export interface InvocationLog {
  /** Takes a function's output, an event for each line. The runtime client writes one line for each call of `console`,
   * in which `\r` stands for a line feed. */
  follow(output: Readable): void;
  initStart(): void;
  initReport(initMs: number, status: string): void;
  start(requestId: string): void;
  write(message: string): void;
  /** Writes END and REPORT; gives the end of what was logged since the last REPORT, in base64. */
  end(report: Report): string;
}

export function createInvocationLog(append: (message: string) => void): InvocationLog {
  const flushes: (() => void)[] = [];
  let tail = '';

  function write(message: string): void {
    append(message);
    tail = (tail + message).slice(-TAIL_BYTES);
  }

  return {
    follow(output) {
      const decoder = new StringDecoder('utf8');
      let rest = '';
      output.on('data', (chunk: Buffer) => {
        const lines = (rest + decoder.write(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) write(`${line.replaceAll('\r', '\n')}\n`);
      });
      flushes.push(() => {
        if (rest !== '') write(rest);
        rest = '';
      });
    },
    initStart: () => append(`INIT_START Runtime Version: nodejs:${process.versions.node}\n`),
    initReport: (initMs, status) =>
      write(`INIT_REPORT Init Duration: ${initMs.toFixed(2)} ms\tPhase: init\t${status}\n`),
    start: (requestId) => write(`START RequestId: ${requestId} Version: $LATEST\n`),
    write(message) {
      for (const flush of flushes) flush();
      write(message);
    },
    end(report) {
      for (const flush of flushes) flush();
      write(`END RequestId: ${report.requestId}\n`);
      write(reportLine(report));
      const last = Buffer.from(tail).subarray(-TAIL_BYTES).toString('base64');
      tail = '';
      return last;
    },
  };
}

/** Initialisation is billed since August 2025. */
function reportLine({ requestId, durationMs, initMs, memoryMb, peakMemoryMb, status }: Report): string {
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs + (initMs ?? 0))} ms`,
    `Memory Size: ${memoryMb} MB`,
    peakMemoryMb !== undefined && `Max Memory Used: ${peakMemoryMb} MB`,
    initMs !== undefined && `Init Duration: ${initMs.toFixed(2)} ms`,
    status,
  ];
  return `${fields.filter(Boolean).join('\t')}\t\n`;
}

/** A process's peak resident memory in MB, where the system tells it (Linux's procfs). */
export function peakMemoryMb(pid: number): number | undefined {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
  } catch {
    return undefined;
  }
}
