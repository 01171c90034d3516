/** The Spark engine as the tests use it: one long-lived process that prepares what it is asked to. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { installSparkPython } from '../../../cli/spark-python.ts';
import type { DataSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import type { OutsideClient } from '../../support/outside-client.ts';

const PROGRAM = join(import.meta.dirname, '../../../containers/spark/prepare.py');

export interface SparkPython extends OutsideClient {
  readonly interpreter: string;
}

/** The interpreter of `npm run spark`, which installs it where it is not there yet. */
export function sparkPython(): SparkPython {
  const name = 'PySpark (PyPI)';
  try {
    return { name, interpreter: installSparkPython(), missing: undefined };
  } catch (error) {
    return { name, interpreter: '', missing: (error as Error).message };
  }
}

export interface SparkPart {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
  readonly fresh: boolean;
  /** Where it lies on this machine. */
  readonly file: string;
}

export interface SparkRequest {
  readonly data: DataSpecification;
  readonly parts: readonly SparkPart[];
  readonly directory: string;
  readonly limits?: Readonly<Record<string, number>>;
}

export interface Spark extends AsyncDisposable {
  readonly process: ChildProcess;
  /** Answers how each request ended, in order. */
  prepare(requests: readonly SparkRequest[]): Promise<readonly ('prepared' | 'rejected')[]>;
}

/** `master` as Spark names it; `partitions` of rows. */
export function startSpark(interpreter: string, master: string, partitions: number): Spark {
  const child = spawn(interpreter, [PROGRAM, '--cases'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      ...(process.env.JAVA_HOME ? { JAVA_HOME: process.env.JAVA_HOME } : {}),
      RATCHET_SPARK_MASTER: master,
      RATCHET_SPARK_PARTITIONS: String(partitions),
      // A task for each file, small as it is.
      RATCHET_SPARK_BUNDLE_BYTES: '1',
    },
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    process: child,
    prepare: async (requests) => {
      child.stdin!.write(`${requests.map((request) => JSON.stringify(request)).join('\n')}\n\n`);
      const kinds: ('prepared' | 'rejected')[] = [];
      while (kinds.length < requests.length) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`The Spark engine ended with ${child.exitCode}`);
        kinds.push(JSON.parse(value).kind);
      }
      return kinds;
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin!.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** The files of a folder by their paths. */
export function filesOf(directory: string): Record<string, Buffer> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(directory.length + 1), readFileSync(path)]),
  );
}

/** A folder that is removed when the test ends. */
export function scratchFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'ratchet-spark-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
