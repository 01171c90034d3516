/** The Spark engine of containers/spark, as one process that prepares many small datasets: a request a line in, a result
 * a line out, an empty line asks for the answers that are due. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { root } from '../../cli/package-service.ts';
import { findPython } from '../../local/sagemaker/process/python.ts';
import type { Case } from './arbitrary-case.ts';
import type { Engine } from './engine.ts';

/** Undefined where this machine has no pyspark. */
export function sparkEngine(environment: NodeJS.ProcessEnv): Engine | undefined {
  const { interpreter, env } = findPython(root, environment);
  if (spawnSync(interpreter, ['-c', 'import pyspark']).status !== 0) return undefined;
  let process: ChildProcess | undefined;
  let answers: Interface | undefined;
  const complaints: string[] = [];
  const start = () => {
    process ??= spawn(interpreter, [join(root, 'containers/spark/prepare.py'), '--cases'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: environment.PATH,
        HOME: environment.HOME,
        ...env,
        PYSPARK_PYTHON: interpreter,
        PYTHONHASHSEED: '0',
        RATCHET_SPARK_MASTER: 'local[2]',
      },
    });
    if (!answers) process.stderr!.setEncoding('utf8').on('data', (text) => complaints.push(text));
    answers ??= createInterface({ input: process.stdout! });
    return { input: process.stdin!, answers };
  };
  return {
    name: 'Spark',
    async prepare(cases, directory) {
      const spark = start();
      const outcomes = cases.map((of, at) => {
        const place = join(directory, `${at}`);
        spark.input.write(`${JSON.stringify(requestOf(of, place))}\n`);
        return { kind: 'written', directory: join(place, 'output') } as const;
      });
      spark.input.write('\n');
      await linesOf(spark.answers, cases.length, process!, complaints);
      return outcomes;
    },
    async stop() {
      if (!process) return;
      process.stdin!.end();
      if (process.exitCode === null) await once(process, 'exit');
    },
  };
}

function requestOf({ data, parts }: Case, place: string) {
  mkdirSync(join(place, 'input'), { recursive: true });
  return {
    data,
    directory: join(place, 'output'),
    parts: parts.map(({ key, fresh, bytes }, at) => {
      const file = join(place, 'input', `${at}`);
      writeFileSync(file, bytes);
      return { bucket: 'drop', key, versionId: 'v1', fresh, file };
    }),
  };
}

async function linesOf(
  answers: Interface,
  count: number,
  process: ChildProcess,
  complaints: readonly string[],
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let left = count;
    const gone = (code: number | null) =>
      reject(new Error(`the Spark engine ended with ${code}: ${complaints.join('').slice(-4000)}`));
    const line = () => {
      left--;
      if (left > 0) return;
      answers.off('line', line);
      process.off('exit', gone);
      resolve();
    };
    answers.on('line', line);
    process.once('exit', gone);
  });
}
