import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from './database.ts';

/** A run of an object's bytes: `size` bytes in the blob file of that name. */
export interface Segment {
  readonly blob: string;
  readonly size: number;
}

/**
 * The bytes of objects: files of random names, never built from a key. A file is written in `tmp/`, named in
 * table `blob` by the transaction that needs it, and only then renamed into `blobs/`; so a start finds every
 * unfinished file in `tmp/`, and never has to look through `blobs/`.
 */
export class Blobs {
  readonly #db: Database;
  readonly #tmp: string;
  readonly #dir: string;
  readonly #readers = new Map<string, number>();
  readonly #removals = new Map<string, Promise<void>>();

  constructor(db: Database, dir: string) {
    this.#db = db;
    this.#tmp = join(dir, 'tmp');
    this.#dir = join(dir, 'blobs');
    for (const folder of [this.#tmp, this.#dir]) mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(this.#tmp)) {
      if (db.get('SELECT 1 FROM blob WHERE name = ?', name)) this.#place(name);
      else rmSync(join(this.#tmp, name), { force: true });
    }
    this.collect();
  }

  /** Streams bytes into a new file, which is gone again when they fail; gives its name. */
  async write(bytes: AsyncIterable<Buffer>): Promise<string> {
    const name = randomUUID();
    const file = await open(join(this.#tmp, name), 'wx');
    try {
      for await (const chunk of bytes) await file.writeFile(chunk);
      await file.close();
    } catch (error) {
      await file.close();
      await this.#abandon(name);
      throw error;
    }
    return name;
  }

  /** Runs `work` in a transaction that also takes a written file over; when it throws, the file is gone. */
  async commit<T>(name: string, work: () => T): Promise<T> {
    let result: T;
    try {
      result = this.#db.transaction(() => {
        this.#db.run('INSERT INTO blob VALUES (?, 0)', name);
        return work();
      });
    } catch (error) {
      await this.#abandon(name);
      throw error;
    }
    // In the same turn as the commit, so that no reader sees the row without the file.
    this.#place(name);
    this.collect();
    return result;
  }

  /** Inside a transaction: the file belongs to nothing any more. `collect` after the commit removes it. */
  release(name: string): void {
    this.#db.run('UPDATE blob SET garbage = 1 WHERE name = ?', name);
  }

  /** Removes released files, those being read after their last reader. */
  collect(): void {
    for (const row of this.#db.all('SELECT name FROM blob WHERE garbage = 1')) {
      const name = String(row.name);
      if (!this.#readers.has(name) && !this.#removals.has(name)) this.#removals.set(name, this.#remove(name));
    }
  }

  /** Gives `consume` the bytes `start` to `end` (both inclusive) of the segments put together. The files stay
   * until it settles, also when the object is deleted meanwhile. */
  async read<T>(
    segments: readonly Segment[],
    range: { readonly start: number; readonly end: number },
    consume: (bytes: AsyncGenerator<Buffer>) => Promise<T>,
  ): Promise<T> {
    for (const { blob } of segments) this.#readers.set(blob, (this.#readers.get(blob) ?? 0) + 1);
    try {
      return await consume(this.#stream(segments, range.start, range.end));
    } finally {
      for (const { blob } of segments) this.#letGo(blob);
      this.collect();
    }
  }

  /** Resolves when nothing is being removed any more; the database must be open until then. */
  async close(): Promise<void> {
    await Promise.all(this.#removals.values());
  }

  async *#stream(segments: readonly Segment[], start: number, end: number): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { blob, size } of segments) {
      const range = { start: Math.max(start - offset, 0), end: Math.min(end - offset, size - 1) };
      offset += size;
      if (range.start > range.end) continue;
      for await (const chunk of createReadStream(join(this.#dir, blob), range)) yield chunk as Buffer;
    }
  }

  #letGo(name: string): void {
    const others = (this.#readers.get(name) ?? 1) - 1;
    if (others > 0) this.#readers.set(name, others);
    else this.#readers.delete(name);
  }

  async #remove(name: string): Promise<void> {
    try {
      await rm(join(this.#dir, name), { force: true });
      this.#db.run('DELETE FROM blob WHERE name = ?', name);
    } catch (error) {
      console.error(`s3: the deleted file ${name} stays until the next start:`, error);
    }
    this.#removals.delete(name);
  }

  #place(name: string): void {
    renameSync(join(this.#tmp, name), join(this.#dir, name));
  }

  async #abandon(name: string): Promise<void> {
    await rm(join(this.#tmp, name), { force: true });
  }
}
