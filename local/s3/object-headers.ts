import { AwsError } from '../aws-error.ts';
import type { S3Call } from './call.ts';
import { type Checksum, checksumHeader } from './checksum.ts';
import { notImplemented } from './errors.ts';
import type { ObjectVersion } from './objects.ts';
import type { Headers } from './respond.ts';
import type { XmlElements } from './xml.ts';

const MAX_METADATA_BYTES = 2 * 1024;
const META = 'x-amz-meta-';
const KEPT = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
];
/** A client that sends one of these relies on what would not happen. */
const REFUSED = [
  'x-amz-grant-full-control',
  'x-amz-object-lock-legal-hold',
  'x-amz-object-lock-mode',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-tagging',
  'x-amz-write-offset-bytes',
];

/** The headers of a write that reads give back. Throws MetadataTooLarge and NotImplemented. */
export function keptHeaders(call: S3Call): Record<string, string> {
  const refused = REFUSED.find((name) => call.headers[name] !== undefined);
  if (refused) throw notImplemented(`the header ${refused}`);
  const kept: Record<string, string> = {};
  let metadataBytes = 0;
  for (const [name, value = ''] of Object.entries(call.headers)) {
    if (name.startsWith(META)) metadataBytes += name.length - META.length + value.length;
    if (name.startsWith(META) || KEPT.includes(name)) kept[name] = value;
  }
  if (metadataBytes > MAX_METADATA_BYTES) {
    const message = 'Your metadata headers exceed the maximum allowed metadata size';
    throw new AwsError('MetadataTooLarge', message, 400, {
      Size: metadataBytes,
      MaxSizeAllowed: MAX_METADATA_BYTES,
    });
  }
  const encoding = withoutFraming(kept['content-encoding'] ?? '');
  const { 'content-encoding': _, ...others } = kept;
  const whole = encoding ? { ...others, 'content-encoding': encoding } : others;
  return { 'content-type': 'binary/octet-stream', ...whole };
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

export function versionHeaders(version: ObjectVersion): Headers {
  return {
    'x-amz-version-id': version.versionId === 'null' ? undefined : version.versionId,
    'x-amz-delete-marker': version.deleteMarker ? 'true' : undefined,
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
