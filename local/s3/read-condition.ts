import type { S3Call } from './call.ts';
import { matchesEtag, type ObjectVersion } from './objects.ts';
import { s3Error } from './s3-error.ts';

/** Weighs `If-Match`, `If-None-Match`, `If-Modified-Since` and `If-Unmodified-Since` (or those of a copy's
 * source, by `prefix`) as RFC 9110, section 13.2.2. Throws PreconditionFailed; gives whether the reader already
 * has the object. */
export function weighReadConditions(
  { headers }: S3Call,
  version: ObjectVersion,
  prefix = '',
): 'changed' | 'not-modified' {
  const match = headers[`${prefix}if-match`];
  const noneMatch = headers[`${prefix}if-none-match`];
  if (match !== undefined && !matchesEtag(match, version.etag))
    throw s3Error('PreconditionFailed', { Condition: 'If-Match' });
  if (match === undefined && isAfter(version, headers[`${prefix}if-unmodified-since`]) === true)
    throw s3Error('PreconditionFailed', { Condition: 'If-Unmodified-Since' });
  if (noneMatch !== undefined) return matchesEtag(noneMatch, version.etag) ? 'not-modified' : 'changed';
  return isAfter(version, headers[`${prefix}if-modified-since`]) === false ? 'not-modified' : 'changed';
}

/** Whether the object is newer than the date, in whole seconds; undefined without a date. */
function isAfter(version: ObjectVersion, date: string | undefined): boolean | undefined {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? undefined : Math.floor(version.modified / 1000) > Math.floor(time / 1000);
}
