import { join } from 'node:path';
import { prepareDataset } from '../../services/ingest/prepare/prepare-dataset.ts';
import type { Case } from './arbitrary-case.ts';
import type { Engine, Outcome } from './engine.ts';

/** The engine of the ingest function, called as it is there. */
export function duckdbEngine(): Engine {
  return {
    name: 'DuckDB',
    async prepare(cases, directory) {
      const outcomes: Outcome[] = [];
      for (const [at, of] of cases.entries()) outcomes.push(await prepareOne(of, join(directory, `${at}`)));
      return outcomes;
    },
    async stop() {},
  };
}

async function prepareOne({ data, parts }: Case, directory: string): Promise<Outcome> {
  try {
    await prepareDataset({
      data,
      directory,
      resources: { memoryBytes: 512 * 1024 ** 2, threads: 2 },
      parts: parts.map(({ key, fresh, bytes }) => ({
        part: { bucket: 'drop', key, versionId: 'v1', size: bytes.length, form: 'raw' },
        fresh,
        open: async () => chunksOf(bytes),
      })),
    });
    return { kind: 'written', directory };
  } catch (error) {
    return { kind: 'failed', failure: String((error as Error).stack) };
  }
}

/** In odd pieces, so that what lies across two of them is met. */
async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 97) yield bytes.subarray(at, at + 97);
}
