import type { ServiceEvent } from '../ports.ts';
import type { S3Call, S3Context } from './call.ts';
import type { ObjectVersion } from './objects.ts';

export type CreationReason = 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload';
export type DeletionType = 'Permanently Deleted' | 'Delete Marker Created';

/** `Object Created` ("EventBridge event message structure", S3 user guide). */
export function objectCreated(
  context: S3Context,
  call: S3Call,
  version: ObjectVersion,
  reason: CreationReason,
): ServiceEvent {
  const { size, modified } = version;
  return eventOf(context, call, version, {
    type: 'Object Created',
    time: modified,
    object: { size },
    how: { reason },
  });
}

/** `Object Deleted`; `sequence` of the version is the deletion's own place in the order of writes. */
export function objectDeleted(
  context: S3Context,
  call: S3Call,
  version: ObjectVersion,
  type: DeletionType,
): ServiceEvent {
  const how = { reason: 'DeleteObject', 'deletion-type': type };
  return eventOf(context, call, version, {
    type: 'Object Deleted',
    time: context.clock.now(),
    object: {},
    how,
  });
}

interface Particulars {
  readonly type: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly object: { readonly size?: number };
  readonly how: Readonly<Record<string, string>>;
}

function eventOf(
  { identity }: S3Context,
  { request }: S3Call,
  version: ObjectVersion,
  { type, time, object, how }: Particulars,
): ServiceEvent {
  const detail = {
    version: '0',
    bucket: { name: version.bucket },
    object: {
      key: version.key,
      ...object,
      ...(version.isMarker ? {} : { etag: version.etag }),
      // A bucket that was never versioned names no version in its events.
      ...(version.versionId === 'null' ? {} : { 'version-id': version.versionId }),
      // Strictly increasing; of one width, so that text order is write order.
      sequencer: version.sequence.toString(16).toUpperCase().padStart(18, '0'),
    },
    'request-id': request.requestId,
    requester: identity.account,
    'source-ip-address': request.req.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '127.0.0.1',
    ...how,
  };
  const resources = [`arn:aws:s3:::${version.bucket}`];
  return { source: 'aws.s3', detailType: type, resources, time, detail };
}
