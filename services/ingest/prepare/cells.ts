/** One row's cells, by their position among the declared columns. */
export interface Cells {
  /** No text but blanks. */
  blank(at: number): boolean;
  /** The number written there; NaN when the cell holds none. Infinity when it is too large. */
  number(at: number): number;
  /** The text without blanks around it. */
  text(at: number): string;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Decimal notation with an optional exponent; no other form (`0x10`, `1_000`, `NaN`) is a number. */
export function numberOf(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}

/** Cells that a program holds as texts; an absent one is blank. */
export class TextCells implements Cells {
  readonly #cells: readonly (string | null | undefined)[];

  constructor(cells: readonly (string | null | undefined)[]) {
    this.#cells = cells;
  }

  blank(at: number): boolean {
    return this.text(at) === '';
  }

  number(at: number): number {
    return numberOf(this.text(at));
  }

  text(at: number): string {
    return this.#cells[at]?.trim() ?? '';
  }
}
