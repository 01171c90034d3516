import type { RowProgram } from '../../shared/preparation/row-program.ts';
import type { RequestColumns } from '../../shared/serving/request-columns.ts';
import {
  RECORD_MEDIA_TYPES,
  type RecordMediaType,
  type RecordProblem,
  type RequestRecord,
  readRecords,
  UnreadableBody,
} from '../../shared/serving/request-records.ts';
import { requestMediaType } from '../contract/media-type.ts';
import type { Infer } from '../contract/model-server.ts';
import { RequestError } from '../contract/request-error.ts';
import type { Preparation } from './preparation.ts';
import { type InvalidRecord, refusal } from './refusal.ts';

/** Answers raw records with their features, `text/csv`, one line a record in the order of the request. A request
 * with a record that batch would put aside is refused whole (400): nothing but the body goes on to the next
 * container, so there is no place for an answer to one record alone. */
export function createInference({ columns, program }: Preparation): Infer {
  return ({ contentType, body }) => {
    const records = recordsOf(requestMediaType(contentType, RECORD_MEDIA_TYPES), body, columns);
    const lines: string[] = [];
    const invalid: InvalidRecord[] = [];
    for (const [index, record] of records.entries()) {
      const answer = transformed(record, program);
      if ('rule' in answer) invalid.push({ index, ...answer });
      else if (invalid.length === 0) lines.push(featureLine(answer));
    }
    if (invalid.length > 0) throw refusal(records.length, invalid);
    return { contentType: 'text/csv; charset=utf-8', body: `${lines.join('\n')}\n` };
  };
}

function transformed(record: RequestRecord, program: RowProgram): RecordProblem | Float64Array {
  if (record.kind === 'problem') return record.problem;
  const answer = program.transform(record.cells);
  if (answer.kind === 'features') return answer.features;
  const { rule, column, value } = answer.problem;
  return { rule, column, value, reason: answer.reason };
}

function recordsOf(type: RecordMediaType, body: Buffer, columns: RequestColumns): readonly RequestRecord[] {
  const records = read(type, body, columns);
  if (records.length === 0) throw new RequestError(400, 'The request holds no record.');
  return records;
}

function read(type: RecordMediaType, body: Buffer, columns: RequestColumns): readonly RequestRecord[] {
  try {
    return readRecords(type, new TextDecoder('utf-8', { fatal: true }).decode(body), columns);
  } catch (error) {
    if (error instanceof UnreadableBody) throw new RequestError(400, error.message);
    if (error instanceof TypeError) throw new RequestError(400, 'The body is no UTF-8 text.');
    throw error;
  }
}

/** Shortest decimal forms, as in the dataset's files. A missing value is an empty cell; as the only one of its line
 * it is `nan`, because an empty line is no row. */
function featureLine(features: Float64Array): string {
  if (features.length === 1 && Number.isNaN(features[0])) return 'nan';
  return Array.from(features, (value) => (Number.isNaN(value) ? '' : String(value))).join(',');
}
