import { RequestError } from './request-error.ts';

/** The request's media type without parameters; `text/csv` where it names none. Throws 415. */
export function requestMediaType<T extends string>(header: string | undefined, supported: readonly T[]): T {
  const given = header?.split(';')[0]?.trim().toLowerCase() || 'text/csv';
  const found = supported.find((type) => type === given);
  if (!found) {
    throw new RequestError(
      415,
      `Content-Type ${given} is not supported. Supported: ${supported.join(', ')}.`,
    );
  }
  return found;
}

/** The first media type of Accept that is offered, the first offered where Accept is absent or a wildcard.
 * Throws 406. */
export function answerMediaType<T extends string>(accept: string | undefined, offered: readonly T[]): T {
  const wanted = accept?.trim()
    ? accept.split(',').map((part) => part.split(';')[0]!.trim().toLowerCase())
    : ['*/*'];
  for (const range of wanted) {
    const found = offered.find((type) => matches(range, type));
    if (found) return found;
  }
  throw new RequestError(406, `Accept ${accept} is not supported. Supported: ${offered.join(', ')}.`);
}

function matches(range: string, type: string): boolean {
  return range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}
