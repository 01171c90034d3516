import type { S3Call } from './call.ts';
import { s3Error } from './s3-error.ts';

const WEEK_SECONDS = 7 * 24 * 3600;

/** Refuses a presigned URL (signature version 4 in the query) whose time is over. The signature itself is not
 * checked here. Throws AccessDenied or AuthorizationQueryParametersError; `now` is epoch milliseconds. */
export function requireUnexpired({ query }: S3Call, now: number): void {
  if (!query.has('X-Amz-Signature')) return;
  const missing = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders'].find(
    (name) => !query.get(`X-Amz-${name}`),
  );
  const bad = (message: string) => s3Error('AuthorizationQueryParametersError', {}, message);
  if (missing) {
    throw bad(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  const issued = basicTime(query.get('X-Amz-Date') ?? '');
  const seconds = Number(query.get('X-Amz-Expires'));
  if (Number.isNaN(issued)) throw bad(`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`);
  if (!Number.isInteger(seconds)) throw bad('X-Amz-Expires should be a number');
  if (seconds < 0) throw bad('X-Amz-Expires must be non-negative');
  if (seconds > WEEK_SECONDS) throw bad('X-Amz-Expires must be less than a week (in seconds) that is 604800');
  const expires = issued + seconds * 1000;
  if (now <= expires) return;
  const times = { Expires: new Date(expires).toISOString(), ServerTime: new Date(now).toISOString() };
  throw s3Error('AccessDenied', { 'X-Amz-Expires': seconds, ...times }, 'Request has expired');
}

/** Epoch milliseconds of `20260131T235959Z`; NaN for other text. */
function basicTime(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
