import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDataset } from '../../services/ingest/prepare/prepare-dataset.ts';
import type { Limits } from '../../services/ingest/prepare/read/rejection.ts';
import { resourcesOf } from '../../services/ingest/prepare/session.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { dataOf } from '../../shared/preparation/testing/data-of.ts';
import type { Case, Content } from './case.ts';

/** Odd, so that characters, quotes and line ends fall on the edges of chunks. */
const CHUNK = 997;

export interface AsideRow {
  readonly file: string;
  readonly line: number;
  readonly column: string | null;
  readonly rule: string;
  readonly value: string;
}

export type Outcome =
  | {
      readonly kind: 'prepared';
      readonly rows: number;
      readonly train: readonly string[];
      readonly aside: readonly AsideRow[];
    }
  | { readonly kind: 'rejected'; readonly reason: string };

export function specificationOf(changes: object = {}): DataSpecification {
  const data = {
    seal: 'each',
    columns: [
      { name: 'y', type: 'integer' },
      { name: 'a', type: 'number' },
      { name: 't', type: 'text', missing: 'allow' },
    ],
    target: 'y',
    split: { test: 0.2, validation: 0 },
    quality: { minimumRows: 1, maximumQuarantined: 1 },
    ...changes,
  };
  const complete = dataOf(data);
  // A specification must hold rows out; a file of two rows could seldom.
  return 'split' in changes ? complete : { ...complete, split: { ...complete.split, test: 0 } };
}

async function* chunksOf(content: Buffer): AsyncGenerator<Uint8Array> {
  const step = content.length > 1_000_000 ? CHUNK * 64 : CHUNK;
  for (let at = 0; at < content.length; at += step) yield content.subarray(at, at + step);
}

interface Opened {
  readonly size: number;
  readonly open: () => Promise<AsyncIterable<Uint8Array>>;
}

/** A file whose size is told is not made before it is opened. */
async function opened(content: Content, told: number | undefined): Promise<Opened> {
  const make = async () => {
    const made = typeof content === 'function' ? await content() : Buffer.from(content);
    return Buffer.isBuffer(made) ? made : Object.assign(made, { length: 1 });
  };
  const streamOf = (made: Awaited<ReturnType<typeof make>>) =>
    Buffer.isBuffer(made) ? chunksOf(made) : made;
  if (told !== undefined) return { size: told, open: async () => streamOf(await make()) };
  const made = await make();
  return { size: made.length, open: async () => streamOf(made) };
}

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);

export interface Input {
  /** What the engine may take. */
  readonly memoryMib?: number;
  readonly data: DataSpecification;
  readonly limits?: Partial<Limits> | undefined;
  readonly files: readonly {
    readonly key: string;
    readonly content: Content;
    readonly size?: number | undefined;
  }[];
}

/** Prepares the files in a folder of their own. */
export async function prepare({ data, limits, files, memoryMib = 2048 }: Input): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'ratchet-bad-input-'));
  try {
    const parts = await Promise.all(
      files.map(async ({ key, content, size: told }) => {
        const { size, open } = await opened(content, told);
        const part = { bucket: 'drop', key, versionId: 'v1', size };
        return { part, fresh: true, open };
      }),
    );
    const prepared = await prepareDataset({
      data,
      parts,
      directory,
      resources: resourcesOf(memoryMib),
      ...(limits ? { limits } : {}),
    });
    if (prepared.kind === 'rejected') return { kind: 'rejected', reason: prepared.reason };
    const read = (file: string): string[] => linesOf(readFileSync(join(directory, file), 'utf8'));
    const { train, validation, test } = prepared.result.rows;
    return {
      kind: 'prepared',
      rows: train + validation + test,
      train: read('train/data.csv'),
      aside: read('quarantine.jsonl').map((line) => JSON.parse(line) as AsideRow),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function prepareCase({ content, key = 'drop.csv', data, limits, size }: Case): Promise<Outcome> {
  const contents: readonly Content[] = Array.isArray(content) ? content : [content as Content];
  const files =
    contents.length === 1
      ? [{ key, content: contents[0] as Content, size }]
      : contents.map((one, at) => ({ key: `${at + 1}.csv`, content: one }));
  return prepare({ data: specificationOf(data), limits, files });
}
