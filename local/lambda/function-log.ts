import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What Lambda reports at the end of an invocation. Times in milliseconds, memory in MB. */
export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  readonly initMs?: number;
  readonly memoryMb: number;
  readonly pid: number;
  readonly status?: string;
}

/** The logs of all functions: one file `<function>.log` each, appended to, in Lambda's line format. */
export interface FunctionLogs {
  write(functionName: string, text: string | Buffer): void;
  start(functionName: string, requestId: string): void;
  end(functionName: string, report: Report): void;
  close(): void;
}

export function openFunctionLogs(dir: string): FunctionLogs {
  mkdirSync(dir, { recursive: true });
  const files = new Map<string, number>();
  function file(functionName: string): number {
    const open = files.get(functionName) ?? openSync(join(dir, `${functionName}.log`), 'a');
    files.set(functionName, open);
    return open;
  }
  // `writeSync(fd, string | Buffer)` has two overloads; a Buffer serves both.
  const write = (functionName: string, text: string | Buffer) =>
    void writeSync(file(functionName), Buffer.from(text as string));
  return {
    write,
    start: (functionName, requestId) =>
      write(functionName, `START RequestId: ${requestId} Version: $LATEST\n`),
    end: (functionName, report) => write(functionName, reportLines(report)),
    close() {
      for (const open of files.values()) closeSync(open);
      files.clear();
    },
  };
}

function reportLines(report: Report): string {
  const fields = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(report.durationMs)} ms`,
    `Memory Size: ${report.memoryMb} MB`,
    ...peakMemory(report.pid),
    ...(report.initMs === undefined ? [] : [`Init Duration: ${report.initMs.toFixed(2)} ms`]),
    ...(report.status ? [`Status: ${report.status}`] : []),
  ];
  return `END RequestId: ${report.requestId}\n${fields.join('\t')}\n`;
}

/** The process's peak resident memory where the system tells it (Linux's procfs). */
function peakMemory(pid: number): string[] {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes ? [`Max Memory Used: ${Math.round(Number(kilobytes) / 1024)} MB`] : [];
  } catch {
    return [];
  }
}
