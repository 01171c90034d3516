import { createRandom, type Random } from '../../containers/numeric/random.ts';
import { type Digit, PIXELS, readDigits, SIDE } from './mnist.ts';

/** `invert` swaps ink and paper, `translate` moves the digit six pixels right and down: shifts that a model trained
 * on untouched digits does not know. */
export type Transform = 'none' | 'invert' | 'translate';

export interface DigitRange {
  /** Number of the first digit: 0–59,999 are MNIST's training set, 60,000–69,999 its test set. */
  readonly from: number;
  readonly count: number;
  readonly transform?: Transform;
}

/** How many rows of each kind of dirt go in, beside the clean ones. */
export interface Dirt {
  /** Exact copies of a clean row. */
  readonly duplicates: number;
  /** A pixel of 999 or -4. */
  readonly outOfRange: number;
  /** The label `seven` in place of a digit. */
  readonly wordLabels: number;
  /** A line that breaks off after some cells. */
  readonly tornLines: number;
}

export type DirtKind = 'duplicate' | 'out-of-range' | 'word-label' | 'torn-line';

export interface DirtySummary {
  /** Data rows in all, without the header. */
  readonly rows: number;
  readonly clean: number;
  readonly dirt: Dirt;
  /** Every dirty row by its line number in the file (the header is line 1). */
  readonly lines: readonly { readonly line: number; readonly kind: DirtKind }[];
}

export interface LiveDigit extends Digit {
  /** The request: 784 pixels, no label, no newline. */
  readonly csv: string;
}

export const DEFAULT_DIRT: Dirt = { duplicates: 20, outOfRange: 10, wordLabels: 5, tornLines: 5 };

const SHIFT = 6;
const HEADER = ['label', ...Array.from({ length: PIXELS }, (_, at) => `p${at}`)].join(',');

/** CSV with the header `label,p0,…,p783`. */
export function digitsCsv(range: DigitRange): string {
  return toFile(digitsRows(range).map(toLine));
}

/** The digits for live requests. */
export function digitsRows({ from, count, transform = 'none' }: DigitRange): LiveDigit[] {
  return readDigits(from, count).map(({ label, pixels }) => {
    const changed = transformPixels(pixels, transform);
    return { label, pixels: changed, csv: changed.join(',') };
  });
}

/** As `digitsCsv`, with dirty rows strewn in at places that the seed decides. The clean rows are all still there;
 * a dirty row is a spoilt copy of one of them, so that the dirt takes no digit away. */
export function dirtyDigitsCsv(
  range: DigitRange & { readonly seed?: number; readonly dirt?: Partial<Dirt> },
): { readonly csv: string; readonly summary: DirtySummary } {
  const random = createRandom(range.seed ?? 1);
  const dirt = { ...DEFAULT_DIRT, ...range.dirt };
  const digits = digitsRows(range);
  const kinds: DirtKind[] = [
    ...Array<DirtKind>(dirt.duplicates).fill('duplicate'),
    ...Array<DirtKind>(dirt.outOfRange).fill('out-of-range'),
    ...Array<DirtKind>(dirt.wordLabels).fill('word-label'),
    ...Array<DirtKind>(dirt.tornLines).fill('torn-line'),
  ];
  if (kinds.length > 0 && digits.length === 0) throw new RangeError('dirt needs at least one clean digit');
  const dirty = kinds.map((kind) => ({ kind, text: spoil(kind, pick(digits, random), random) }));
  const lines = strew(digits.map(toLine), dirty, random);
  const marks = lines.flatMap(({ kind }, at) => (kind === undefined ? [] : [{ line: at + 2, kind }]));
  const summary = { rows: lines.length, clean: digits.length, dirt, lines: marks };
  return { csv: toFile(lines.map(({ text }) => text)), summary };
}

interface Line {
  readonly text: string;
  readonly kind?: DirtKind;
}

function spoil(kind: DirtKind, digit: LiveDigit, random: Random): string {
  const line = toLine(digit);
  switch (kind) {
    case 'duplicate':
      return line;
    case 'out-of-range': {
      const cells = line.split(',');
      cells[1 + Math.floor(random() * PIXELS)] = random() < 0.5 ? '999' : '-4';
      return cells.join(',');
    }
    case 'word-label':
      return `seven,${digit.csv}`;
    case 'torn-line':
      return line
        .split(',')
        .slice(0, 2 + Math.floor(random() * (PIXELS - 2)))
        .join(',');
  }
}

/** Puts each dirty line after a clean one, so that a duplicate follows some first copy or comes before it. */
function strew(clean: readonly string[], dirty: readonly Required<Line>[], random: Random): Line[] {
  const places = dirty.map((line) => ({ line, after: Math.floor(random() * clean.length) }));
  places.sort((a, b) => a.after - b.after);
  const lines: Line[] = [];
  let next = 0;
  clean.forEach((text, at) => {
    lines.push({ text });
    while (places[next]?.after === at) lines.push(places[next++]!.line);
  });
  return lines;
}

function transformPixels(pixels: Uint8Array, transform: Transform): Uint8Array {
  switch (transform) {
    case 'none':
      return pixels;
    case 'invert':
      return pixels.map((pixel) => 255 - pixel);
    case 'translate':
      return pixels.map((_, at) => {
        const [x, y] = [(at % SIDE) - SHIFT, Math.floor(at / SIDE) - SHIFT];
        return x < 0 || y < 0 ? 0 : pixels[y * SIDE + x]!;
      });
  }
}

function toLine(digit: LiveDigit): string {
  return `${digit.label},${digit.csv}`;
}

function toFile(lines: readonly string[]): string {
  return `${[HEADER, ...lines].join('\n')}\n`;
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[Math.floor(random() * items.length)]!;
}
