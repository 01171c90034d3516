import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { DataSpecification } from '../../../../shared/contracts/pipeline-specification.ts';
import type { Part } from '../../../../shared/lifecycle/run.ts';
import { DELIMITERS, DelimitedReader } from './delimited-reader.ts';
import { JsonLinesReader } from './json-lines-reader.ts';
import { bytesText, type Deadline, type Limits, Rejection, tooLarge } from './rejection.ts';
import type { ContentFacts, ContentReader, RowSink } from './row-sink.ts';
import { TextGuard } from './text-guard.ts';
import { type Begun, unpacked } from './unpack.ts';

/** Bytes that are read at a stretch: statements that run meanwhile may have to ask this thread. */
const STRETCH = 128 * 1024;

/** One object of the dataset. `fresh` parts came with the run; the others were in the dataset before. */
export interface PartSource {
  readonly part: Part;
  readonly fresh: boolean;
  /** May throw what storage throws: that is no verdict on the data. */
  open(): Promise<AsyncIterable<Uint8Array>>;
}

export interface PartFacts extends ContentFacts {
  readonly key: string;
  readonly versionId: string;
  readonly fresh: boolean;
  readonly sha256: string;
}

/** Reads a Parquet file on the function's disk into the sink. */
export type ReadParquet = (path: string, sink: RowSink) => Promise<ContentFacts>;

export interface Reading {
  readonly data: Pick<DataSpecification, 'format' | 'delimiter'>;
  readonly deadline: Deadline;
  readonly readParquet: ReadParquet;
  /** Where a Parquet file may lie while it is read. */
  readonly scratch: string;
}

/** Streams one part into the sink. Throws Rejection, its message beginning with the part's key. */
export async function readPart(source: PartSource, sink: RowSink, reading: Reading): Promise<PartFacts> {
  const { part, fresh } = source;
  try {
    if (part.size > sink.limits.partBytes) throw tooLargeFile(sink.limits);
    const hash = createHash('sha256');
    const lying = watched(await source.open(), hash, sink.limits, reading.deadline);
    const begun = await unpacked(lying, part.size, sink.limits);
    if (begun.first.length === 0) throw new Rejection('the file is empty; drop one that has rows');
    const facts = await readContent(begun, sink, reading);
    return { key: part.key, versionId: part.versionId, fresh, sha256: hash.digest('hex'), ...facts };
  } catch (error) {
    throw error instanceof Rejection ? error.of(part.key) : error;
  }
}

function readContent(begun: Begun, sink: RowSink, reading: Reading): Promise<ContentFacts> {
  const { format, delimiter } = reading.data;
  const isParquet = begun.first.toString('latin1', 0, 4) === 'PAR1';
  if (isParquet && (format === 'auto' || format === 'parquet')) return readFile(begun, sink, reading);
  if (format === 'parquet')
    throw new Rejection('this is no Parquet file; drop one, or declare another "format"');
  const declared = delimiter === undefined ? undefined : [delimiter];
  if (format === 'jsonl' || (format === 'auto' && beginsWithBrace(begun.first)))
    return readText(begun, sink, new JsonLinesReader(sink));
  const delimiters = declared ?? (format === 'tsv' ? ['\t'] : DELIMITERS);
  return readText(begun, sink, new DelimitedReader(sink, delimiters));
}

const beginsWithBrace = (first: Buffer): boolean =>
  first.toString('utf8').replace('\ufeff', '').startsWith('{');

async function readText({ chunks }: Begun, { cells }: RowSink, reader: ContentReader): Promise<ContentFacts> {
  const guard = new TextGuard();
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += STRETCH) {
      const stretch = chunk.subarray(at, at + STRETCH);
      guard.check(stretch);
      reader.push(stretch);
      await cells.breathe();
    }
  }
  guard.end();
  return reader.end();
}

async function readFile(
  { chunks }: Begun,
  sink: RowSink,
  { scratch, readParquet }: Reading,
): Promise<ContentFacts> {
  await pipeline(chunks, createWriteStream(scratch));
  return readParquet(scratch, sink);
}

async function* watched(
  source: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
  limits: Limits,
  deadline: Deadline,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > limits.partBytes) throw tooLargeFile(limits);
    deadline.check();
    hash.update(chunk);
    yield chunk;
  }
}

const tooLargeFile = ({ partBytes }: Limits): Rejection =>
  tooLarge(`the file is larger than the allowed ${bytesText(partBytes)}; drop it in parts`);
