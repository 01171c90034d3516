/** What a window compares with the reference of a dataset: the values of a request's record, column by column. Pure. */
import type {
  DataSpecification,
  PipelineSpecification,
} from '../../shared/contracts/pipeline-specification.ts';
import { compileRecord } from '../../shared/preparation/row-program.ts';
import { requestColumns } from '../../shared/serving/request-columns.ts';

export interface Observer {
  /** Names of the values, as in the reference. */
  readonly names: readonly string[];
  /** A missing value is NaN. Undefined for a record that batch would put aside. What is answered is filled anew by the
   * next call. */
  observe(cells: readonly string[]): Float64Array | undefined;
}

export const observerOf = ({ data, deploy }: PipelineSpecification): Observer =>
  deploy.records === 'raw' ? ofRaw(data) : ofNumbers(data);

/** Raw records, as the row engine cleans them. What lies behind cleaning, and would need what was fitted, is left out. */
function ofRaw(data: DataSpecification): Observer {
  const program = compileRecord(
    { ...data, derive: [], features: [] },
    { formatVersion: 1, columns: {}, features: {} },
  );
  return {
    names: program.observed,
    observe: (cells) => {
      const seen = program.observe(cells);
      return seen.kind === 'values' ? seen.values : undefined;
    },
  };
}

/** Records that went to the model as they are, nothing checked: what is out of range has been answered, and is the
 * drift to be seen. */
function ofNumbers(data: DataSpecification): Observer {
  const { names, target } = requestColumns(data);
  const sent = names.filter((_, at) => at !== target);
  const values = new Float64Array(sent.length);
  return {
    names: sent,
    observe: (cells) => {
      if (cells.length !== sent.length || cells.every((cell) => cell === '')) return undefined;
      for (const [at, cell] of cells.entries()) values[at] = cell === '' ? Number.NaN : Number(cell);
      return values;
    },
  };
}
