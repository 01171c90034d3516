import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Sqlite } from '../sqlite.ts';

/** Up to this size bytes lie in the database, above it in a file: a file costs more than its small content. */
const MOST_INLINE_BYTES = 64 * 1024;

/** A run of `size` bytes; an object is one or, from a multipart upload, many. */
export interface Blob {
  readonly id: string;
  readonly size: number;
}

/** A blob that nothing refers to yet: `bytes`, or a finished file. */
export interface Draft extends Blob {
  readonly bytes: Buffer | undefined;
}

/**
 * The bytes of objects: rows of table `blob`, or files of random names, never built from a key. A file is complete
 * before the transaction that takes it over, and goes after the one that gives it up; one without a row, left by the
 * death of the process, goes at the next start.
 */
export class Blobs {
  readonly #db: Sqlite;
  readonly #dir: string;
  readonly #reading = new Set<readonly Blob[]>();
  readonly #released = new Set<string>();
  readonly #removals = new Set<Promise<void>>();

  constructor(db: Sqlite, dir: string) {
    this.#db = db;
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
    const known = new Set(db.all<Blob>('SELECT id FROM blob WHERE bytes IS NULL').map(({ id }) => id));
    for (const name of readdirSync(dir)) if (!known.has(name)) rmSync(join(dir, name));
  }

  /** Takes in `size` bytes; on failure nothing of them remains. */
  async write(bytes: AsyncIterable<Buffer>, size: number): Promise<Draft> {
    const id = randomUUID();
    if (size <= MOST_INLINE_BYTES) return { id, size, bytes: Buffer.concat(await Array.fromAsync(bytes)) };
    const draft = { id, size, bytes: undefined };
    try {
      await pipeline(bytes, createWriteStream(this.#file(id), { flags: 'wx' }));
      return draft;
    } catch (error) {
      await this.#discard(draft);
      throw error;
    }
  }

  /** Runs `work` in a transaction that also takes a draft over; when it throws, the draft is gone. */
  async commit<T>(draft: Draft, work: () => T): Promise<T> {
    try {
      return this.#db.transaction(() => {
        this.#db.run('INSERT INTO blob VALUES (?, ?)', draft.id, draft.bytes ?? null);
        return work();
      });
    } catch (error) {
      await this.#discard(draft);
      throw error;
    }
  }

  /** Inside a transaction: the blob belongs to nothing any more. */
  release(id: string): void {
    const sql = 'DELETE FROM blob WHERE id = ? RETURNING bytes IS NULL AS isFile';
    if (!this.#db.get(sql, id)?.isFile) return;
    this.#released.add(id);
    // Transactions are synchronous: by then this one has ended.
    setImmediate(() => this.#collect());
  }

  /** The bytes `start` to `end` (both inclusive) of the blobs put together, also of those that are released
   * meanwhile. */
  async *read(blobs: readonly Blob[], start: number, end: number): AsyncGenerator<Buffer> {
    const inline = new Map(blobs.filter(isInline).map((blob) => [blob.id, this.#inlineBytes(blob)]));
    this.#reading.add(blobs);
    try {
      let offset = 0;
      for (const { id, size } of blobs) {
        const part = { start: Math.max(start - offset, 0), end: Math.min(end - offset, size - 1) };
        offset += size;
        if (part.start > part.end) continue;
        const bytes = inline.get(id);
        if (bytes) yield bytes.subarray(part.start, part.end + 1);
        else yield* createReadStream(this.#file(id), part);
      }
    } finally {
      this.#reading.delete(blobs);
      this.#collect();
    }
  }

  /** Resolves when nothing is being removed any more; the database must be open until then. */
  async close(): Promise<void> {
    this.#collect();
    await Promise.all(this.#removals);
  }

  /** Removes released files, those being read after their last reader. */
  #collect(): void {
    if (this.#released.size === 0) return;
    const busy = new Set([...this.#reading].flat().map(({ id }) => id));
    for (const id of this.#released) {
      if (busy.has(id)) continue;
      this.#released.delete(id);
      // A transaction that was rolled back has released nothing.
      if (!this.#db.get('SELECT 1 FROM blob WHERE id = ?', id)) this.#remove(id);
    }
  }

  #remove(id: string): void {
    const removal = rm(this.#file(id), { force: true })
      .catch((error: unknown) => console.error('s3: a deleted file stays until the next start:', error))
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  #inlineBytes({ id }: Blob): Buffer {
    return Buffer.from(this.#db.get<{ bytes: Uint8Array }>('SELECT bytes FROM blob WHERE id = ?', id)!.bytes);
  }

  async #discard({ id, bytes }: Draft): Promise<void> {
    if (!bytes) await rm(this.#file(id), { force: true });
  }

  #file(id: string): string {
    return join(this.#dir, id);
  }
}

function isInline({ size }: Blob): boolean {
  return size <= MOST_INLINE_BYTES;
}
