import { AwsError } from '../aws-error.ts';
import type { S3Call } from './call.ts';

const MAX_SECONDS = 7 * 24 * 3600;

/** Refuses a presigned URL (signature version 4 in the query) whose time is over. The signature itself is not
 * checked. Throws AccessDenied or AuthorizationQueryParametersError; `now` is epoch milliseconds. */
export function requireUnexpired(call: S3Call, now: number): void {
  if (!call.query.has('X-Amz-Signature')) return;
  const issued = parseBasicDate(call.query.get('X-Amz-Date') ?? '');
  const seconds = Number(call.query.get('X-Amz-Expires') ?? Number.NaN);
  if (issued === undefined)
    throw badParameters("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (!Number.isInteger(seconds)) throw badParameters('X-Amz-Expires should be a number');
  if (seconds < 0) throw badParameters('X-Amz-Expires must be non-negative');
  if (seconds > MAX_SECONDS) {
    throw badParameters('X-Amz-Expires must be less than a week (in seconds) that is 604800');
  }
  const expires = issued + seconds * 1000;
  if (now <= expires) return;
  throw new AwsError('AccessDenied', 'Request has expired', 403, {
    'X-Amz-Expires': seconds,
    Expires: new Date(expires).toISOString(),
    ServerTime: new Date(now).toISOString(),
  });
}

function badParameters(message: string): AwsError {
  return new AwsError('AuthorizationQueryParametersError', message);
}

/** Epoch milliseconds of `20260131T235959Z`. */
function parseBasicDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}
