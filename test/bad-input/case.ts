/** One bad (or barely good) input, and the one end that it must come to. */
import type { Limits } from '../../services/ingest/prepare/read/rejection.ts';

export type Content = string | Buffer | (() => AsyncIterable<Uint8Array> | Promise<Buffer>);

/** Clean rows; rows put aside by rule, none where it says nothing; the lines of train/data.csv where they matter. */
export interface Prepared {
  readonly rows: number;
  readonly aside?: Readonly<Record<string, number>>;
  readonly train?: readonly string[];
}

export interface Case {
  readonly name: string;
  readonly content: Content | readonly Content[];
  /** Of the only file; several are called `1.csv`, `2.csv`, …  */
  readonly key?: string;
  /** Changes of the specification's `data`. */
  readonly data?: object;
  readonly limits?: Partial<Limits>;
  /** What storage says of the size, where it differs from what comes. */
  readonly size?: number;
  /** A dataset, or the reason behind the file's name: the sentence, or what it must match. */
  readonly ends: Prepared | string | RegExp;
}

/** Three columns: the target `y` (an integer), `a` (a number) and `t` (a text that may be blank). */
export const HEADER = 'y,a,t';
export const GOOD = `${HEADER}\n0,1,red\n1,2,blue\n`;
/** What GOOD becomes: the text is no feature. */
export const GOOD_ROWS: Prepared = { rows: 2, train: ['0,1', '1,2'] };

export type Piece = string | readonly number[] | Buffer;

export const bytes = (...parts: readonly Piece[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
