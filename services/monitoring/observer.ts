/** What a window compares with the reference of a dataset: the values of a request's record, column by column. Pure. */
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { requestColumns } from '../../shared/serving/request-columns.ts';

export interface Observer {
  /** Names of the values, as in the reference. */
  readonly names: readonly string[];
  /** A missing value is NaN. Undefined for a record that batch would put aside. What is answered is filled anew by the
   * next call. */
  observe(cells: readonly string[]): ArrayLike<number> | undefined;
}

export function observerOf({ data }: PipelineSpecification): Observer {
  const { names, target } = requestColumns(data);
  const sent = names.filter((_, at) => at !== target);
  const values = new Float64Array(sent.length);
  return {
    names: sent,
    observe: (cells) => {
      if (cells.length !== sent.length) return undefined;
      for (const [at, cell] of cells.entries()) values[at] = cell === '' ? Number.NaN : Number(cell);
      return values;
    },
  };
}
