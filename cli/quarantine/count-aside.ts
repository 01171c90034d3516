/** A quarantine file, line by line, as counts with an example each. Pure. */
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { remedyOf } from '../../shared/preparation/remedy.ts';
import { explain, type RowProblem } from '../../shared/preparation/row-problem.ts';

/** A line of quarantine.jsonl. */
export type AsideRow = RowProblem & { readonly file: string; readonly line: number };

/** Rows that one rule put aside because of one column, the most frequent first. */
export interface CountedAside {
  readonly rule: string;
  readonly column: string | null;
  readonly rows: number;
  /** Left out as the specification wishes, no evidence against the data. */
  readonly dropped: boolean;
  readonly reason: string;
  readonly remedy: string;
  /** The first of them. */
  readonly example: { readonly file: string; readonly line: number; readonly value: string };
}

export interface AsideCounts {
  readonly counts: readonly CountedAside[];
  /** Rows of files that were not asked for. */
  readonly elsewhere: number;
}

/** `files`: keys of those that are asked for; all where it is left out. */
export async function countAside(
  lines: AsyncIterable<string> | Iterable<string>,
  data: DataSpecification,
  files?: ReadonlySet<string>,
): Promise<AsideCounts> {
  const found = new Map<string, { first: AsideRow; rows: number }>();
  let elsewhere = 0;
  for await (const line of lines) {
    if (line === '') continue;
    const row = JSON.parse(line) as AsideRow;
    if (files && !files.has(row.file)) {
      elsewhere++;
      continue;
    }
    const key = JSON.stringify([row.rule, row.column, row.dropped === true]);
    const known = found.get(key);
    if (known) known.rows++;
    else found.set(key, { first: row, rows: 1 });
  }
  const counts = [...found.values()]
    .sort((a, b) => b.rows - a.rows)
    .map(({ first, rows }) => ({
      rule: first.rule,
      column: first.column,
      rows,
      dropped: first.dropped === true,
      reason: explain(first, data),
      remedy: remedyOf(first, data),
      example: { file: first.file, line: first.line, value: first.value },
    }));
  return { counts, elsewhere };
}
