import { isAscii } from 'node:buffer';
import { Rejection } from './rejection.ts';

/** Formats that are often dropped by mistake, by the bytes they begin with. */
const SIGNATURES: readonly (readonly [string, readonly number[]])[] = [
  ['gzip data', [0x1f, 0x8b]],
  ['zstd data', [0x28, 0xb5, 0x2f, 0xfd]],
  ['a zip archive or an Excel workbook', [0x50, 0x4b, 0x03, 0x04]],
  ['a Parquet file', [0x50, 0x41, 0x52, 0x31]],
  ['a PDF file', [0x25, 0x50, 0x44, 0x46]],
  ['UTF-16 text', [0xff, 0xfe]],
  ['UTF-16 text', [0xfe, 0xff]],
];

/** Lets only UTF-8 text pass, chunk by chunk. Throws Rejection at the first byte that is none. */
export class TextGuard {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #between = false;
  #begun = false;

  check(chunk: Uint8Array): void {
    if (!this.#begun) this.#checkSignature(chunk);
    this.#begun = true;
    if (chunk.includes(0)) refuse('it holds NUL bytes');
    if (!this.#between && isAscii(chunk)) return;
    this.#between = true;
    this.#decode(() => this.#decoder.decode(chunk, { stream: true }));
  }

  end(): void {
    this.#decode(() => this.#decoder.decode());
  }

  #checkSignature(chunk: Uint8Array): void {
    const found = SIGNATURES.find(([, bytes]) => bytes.every((byte, at) => chunk[at] === byte));
    if (found) refuse(`it looks like ${found[0]}`);
  }

  #decode(decode: () => string): void {
    try {
      decode();
    } catch {
      refuse('it is not valid UTF-8');
    }
  }
}

function refuse(why: string): never {
  throw new Rejection(
    `this is a binary file (${why}); text in UTF-8 was expected; save it as CSV, TSV, JSON Lines or Parquet`,
  );
}
