/** A pulled file's origin as metadata of its object, and back. Values are percent-encoded: headers hold ASCII. Pure. */
import type { Origin } from '../../shared/lifecycle/run.ts';

const SOURCE = 'ratchet-source';
const MEMBERS = {
  url: `${SOURCE}-url`,
  sha256: `${SOURCE}-sha256`,
  fetchedAt: `${SOURCE}-fetched-at`,
} as const;
const ETAG = `${SOURCE}-etag`;

export const metadataOf = ({ source, url, sha256, fetchedAt, etag }: Origin): Record<string, string> => ({
  [SOURCE]: encodeURI(source),
  [MEMBERS.url]: encodeURI(url),
  [MEMBERS.sha256]: sha256,
  [MEMBERS.fetchedAt]: fetchedAt,
  ...(etag ? { [ETAG]: encodeURI(etag) } : {}),
});

/** Undefined for an object that no source has brought. */
export function originOf(metadata: Readonly<Record<string, string>>): Origin | undefined {
  const [source, url, sha256, fetchedAt] = [SOURCE, MEMBERS.url, MEMBERS.sha256, MEMBERS.fetchedAt].map(
    (name) => decoded(metadata[name]),
  );
  const etag = decoded(metadata[ETAG]);
  if (!source || !url || !sha256 || !fetchedAt) return undefined;
  return { source, url, sha256, fetchedAt, ...(etag ? { etag } : {}) };
}

/** Undefined where somebody else wrote what is no encoding. */
function decoded(value: string | undefined): string | undefined {
  try {
    return value === undefined ? undefined : decodeURI(value);
  } catch {
    return undefined;
  }
}
