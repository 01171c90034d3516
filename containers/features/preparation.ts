import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileRow } from '../../services/ingest/prepare/row-program.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { type RequestColumns, requestColumns } from '../../shared/serving/request-columns.ts';
import type { RecordProblem } from '../../shared/serving/request-records.ts';

/** The row engine with the fitted parameters of one dataset version. */
export interface RowEngine {
  readonly columns: RequestColumns;
  /** Takes the cells of the columns but the target, in declared order. */
  transform(
    cells: readonly string[],
  ):
    | { readonly kind: 'row'; readonly features: ArrayLike<number> }
    | { readonly kind: 'problem'; readonly problem: RecordProblem };
}

/** `preparation.json` of a dataset version's `features.tar.gz`. */
export const PREPARATION_FILE = 'preparation.json';

interface Preparation {
  readonly formatVersion: number;
  readonly data: DataSpecification;
  readonly fitted: unknown;
}

/** Throws an Error that names the file and what is wrong with it. */
export function loadEngine(modelDir: string): RowEngine {
  const { formatVersion, data } = JSON.parse(
    readFileSync(join(modelDir, PREPARATION_FILE), 'utf8'),
  ) as Preparation;
  if (formatVersion !== 1)
    throw new Error(`${PREPARATION_FILE} has the format version ${formatVersion}, expected 1`);
  const row = compileRow(data);
  return { columns: requestColumns(data), transform: (cells) => row.transform(cells) };
}
