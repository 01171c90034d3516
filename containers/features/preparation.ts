import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { Fitted } from '../../shared/preparation/fitted.ts';
import { compileRecord, type RowProgram } from '../../shared/preparation/row-program.ts';
import { type RequestColumns, requestColumns } from '../../shared/serving/request-columns.ts';

/** `preparation.json` of a dataset version's `features.tar.gz`. */
export const PREPARATION_FILE = 'preparation.json';

interface PreparationDocument {
  readonly formatVersion: number;
  readonly data: DataSpecification;
  readonly fitted: Fitted;
}

/** What was done to the rows of one dataset version, for one record at a time. */
export interface Preparation {
  readonly columns: RequestColumns;
  readonly program: RowProgram;
}

/** Throws an Error that names the file and what is wrong with it. */
export function loadPreparation(modelDir: string): Preparation {
  const document = JSON.parse(readFileSync(join(modelDir, PREPARATION_FILE), 'utf8')) as PreparationDocument;
  const { formatVersion, data, fitted } = document;
  if (formatVersion !== 1)
    throw new Error(`${PREPARATION_FILE} has the format version ${formatVersion}, expected 1`);
  return { columns: requestColumns(data), program: compileRecord(data, fitted) };
}
