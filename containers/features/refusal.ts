import type { RecordProblem } from '../../shared/serving/request-records.ts';
import { RequestError } from '../contract/request-error.ts';

export interface InvalidRecord extends RecordProblem {
  /** Position in the request, from 0. */
  readonly index: number;
}

/** SageMaker hands on so much of a container's answer in ModelError's OriginalMessage; what is cut is no JSON. */
const LONGEST_BODY = 1024;
/** Of the body without its list. */
const FRAME = 160;

/** The answer to a request that holds records which batch would put aside: 400 and, as JSON, each of them with its
 * reason. Where they are too many for SageMaker's error the first ones are listed, and `more` counts the others. */
export function refusal(records: number, invalid: readonly InvalidRecord[]): RequestError {
  const listed = fitting(invalid);
  const more = invalid.length - listed.length;
  const message = `${invalid.length} of ${records} ${records === 1 ? 'record' : 'records'} cannot be used; nothing was predicted`;
  const body = { error: 'InvalidRecords', message, invalid: listed, ...(more > 0 ? { more } : {}) };
  return new RequestError(400, JSON.stringify(body), 'application/json');
}

/** The first one in any case. */
function fitting(invalid: readonly InvalidRecord[]): readonly InvalidRecord[] {
  let left = LONGEST_BODY - FRAME;
  const end = invalid.findIndex((record) => {
    left -= Buffer.byteLength(JSON.stringify(record)) + 1;
    return left < 0;
  });
  return end < 0 ? invalid : invalid.slice(0, Math.max(1, end));
}
