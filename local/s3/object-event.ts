import type { ServiceEvent } from '../ports.ts';
import type { S3Call, S3Context } from './call.ts';
import type { ObjectVersion } from './objects.ts';

export type CreationReason = 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload';

/** What happened to a version, as events word it. */
export type Happening =
  | { readonly type: 'Object Created'; readonly reason: CreationReason }
  | {
      readonly type: 'Object Deleted';
      readonly reason: 'DeleteObject';
      readonly 'deletion-type': 'Permanently Deleted' | 'Delete Marker Created';
    };

/** An event of S3 ("EventBridge event message structure", S3 user guide). `sequence` of the version is the
 * happening's own place in the order of writes. */
export function objectEvent(
  { identity, clock }: S3Context,
  { request }: S3Call,
  version: ObjectVersion,
  { type, ...how }: Happening,
): ServiceEvent {
  const detail = {
    version: '0',
    bucket: { name: version.bucket },
    object: {
      key: version.key,
      ...(type === 'Object Created' && { size: version.size }),
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
  return { source: 'aws.s3', detailType: type, resources, time: clock.now(), detail };
}
