import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CHUNK = 512 * 1024;

/** A file of the dataset, written in large chunks. */
export class OutputFile {
  /** Relative to the dataset's directory. */
  readonly name: string;
  readonly path: string;
  readonly #file: number;
  readonly #chunk = Buffer.allocUnsafe(CHUNK);
  #used = 0;
  #open = true;

  constructor(directory: string, name: string) {
    this.name = name;
    this.path = join(directory, name);
    mkdirSync(dirname(this.path), { recursive: true });
    this.#file = openSync(this.path, 'w');
  }

  append(bytes: Buffer, start: number, end: number): void {
    let from = start;
    while (from < end) {
      if (this.#used === CHUNK) this.#flush();
      const count = Math.min(end - from, CHUNK - this.#used);
      bytes.copy(this.#chunk, this.#used, from, from + count);
      this.#used += count;
      from += count;
    }
  }

  appendText(text: string): void {
    const bytes = Buffer.from(text);
    this.append(bytes, 0, bytes.length);
  }

  close(): void {
    if (!this.#open) return;
    this.#flush();
    closeSync(this.#file);
    this.#open = false;
  }

  remove(): void {
    this.close();
    rmSync(this.path, { force: true });
  }

  #flush(): void {
    let written = 0;
    while (written < this.#used) written += writeSync(this.#file, this.#chunk, written, this.#used - written);
    this.#used = 0;
  }
}
