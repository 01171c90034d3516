import type { OutputFile } from './output-file.ts';
import { clipValue, type RowProblem, type Rule } from './row-problem.ts';

/** One line of quarantine.jsonl. `line` counts the file's lines from 1, the header first. */
export interface QuarantinedRow extends RowProblem {
  readonly file: string;
  readonly line: number;
}

/** Lists every row that is left out, with its reason. Duplicates are listed, but do not speak against the data. */
export class Quarantine {
  readonly #file: OutputFile;
  readonly #counts = new Map<string, { readonly example: string; count: number }>();

  constructor(file: OutputFile) {
    this.#file = file;
  }

  add(file: string, line: number, { rule, column, value, reason }: RowProblem): void {
    const row: QuarantinedRow = { file, line, column, rule, value: clipValue(value), reason };
    this.#file.appendText(`${JSON.stringify(row)}\n`);
    if (rule !== 'duplicate') this.#count(rule, column, reason);
  }

  /** The most frequent problem, for people; undefined while there is none. */
  get commonest(): string | undefined {
    const [most] = [...this.#counts.values()].sort((a, b) => b.count - a.count);
    if (!most) return undefined;
    return `most often (${most.count} ${most.count === 1 ? 'row' : 'rows'}) such as: ${most.example}`;
  }

  #count(rule: Rule, column: string | null, reason: string): void {
    const key = `${rule} ${column}`;
    const known = this.#counts.get(key);
    if (known) known.count++;
    else this.#counts.set(key, { example: reason, count: 1 });
  }
}
