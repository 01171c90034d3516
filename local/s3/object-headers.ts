import type { S3Call } from './call.ts';
import { type Checksum, checksumHeader } from './checksum.ts';
import type { ObjectVersion } from './objects.ts';
import type { Headers } from './respond.ts';
import { notImplemented, s3Error } from './s3-error.ts';
import type { XmlElements } from './xml.ts';

const MAX_METADATA_BYTES = 2 * 1024;
const META = 'x-amz-meta-';
const KEPT =
  /^(cache-control|content-(disposition|encoding|language|type)|expires|x-amz-(meta-.*|server-side-encryption(-aws-kms-key-id)?|storage-class|website-redirect-location))$/;
/** A client that sends one of these relies on what would not happen. */
const REFUSED =
  /^x-amz-(grant-full-control|object-lock-(legal-hold|mode)|server-side-encryption-customer-algorithm|tagging|write-offset-bytes)$/;

/** The headers of a write that reads give back. Throws MetadataTooLarge and NotImplemented. */
export function keptHeaders(call: S3Call): Record<string, string> {
  const given = Object.entries(call.headers).filter((entry): entry is [string, string] => !!entry[1]);
  const refused = given.find(([name]) => REFUSED.test(name));
  if (refused) throw notImplemented(`the header ${refused[0]}`);
  const metadata = given.filter(([name]) => name.startsWith(META));
  const size = metadata.reduce((sum, [name, value]) => sum + name.length - META.length + value.length, 0);
  if (size > MAX_METADATA_BYTES)
    throw s3Error('MetadataTooLarge', { Size: size, MaxSizeAllowed: MAX_METADATA_BYTES });
  const kept = given
    .filter(([name]) => KEPT.test(name))
    .map(([name, value]) => [name, name === 'content-encoding' ? withoutFraming(value) : value] as const)
    .filter(([, value]) => value !== '');
  return { 'content-type': 'binary/octet-stream', ...Object.fromEntries(kept) };
}

/** `aws-chunked` frames the request; it is no encoding of the object. */
function withoutFraming(encoding: string): string {
  const names = encoding.split(',').map((name) => name.trim());
  return names.filter((name) => name !== 'aws-chunked' && name !== '').join(',');
}

/** What GetObject and HeadObject say of an object, without length and range. */
export function objectHeaders(version: ObjectVersion): Headers {
  return {
    ...version.headers,
    'accept-ranges': 'bytes',
    etag: `"${version.etag}"`,
    'last-modified': new Date(version.modified).toUTCString(),
    ...versionHeaders(version),
  };
}

export function versionHeaders({ versionId, isMarker }: ObjectVersion): Headers {
  return {
    'x-amz-version-id': versionId === 'null' ? undefined : versionId,
    'x-amz-delete-marker': isMarker ? 'true' : undefined,
  };
}

export function checksumHeaders(checksum: Checksum | undefined): Headers {
  if (!checksum) return {};
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };
}

/** The same in an answer's XML. */
export function checksumXml(checksum: Checksum | undefined): XmlElements {
  return checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } : {};
}
