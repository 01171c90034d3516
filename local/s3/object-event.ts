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
  const detail = detailOf(context, call, version, version.sequence);
  const object = { ...detail.object, size: version.size };
  return eventOf('Object Created', version, version.modified, { ...detail, object, reason });
}

/** `Object Deleted`. `sequence` is the deletion's own place in the order of writes. */
export function objectDeleted(
  context: S3Context,
  call: S3Call,
  version: ObjectVersion,
  deletion: { readonly type: DeletionType; readonly sequence: number },
): ServiceEvent {
  const detail = detailOf(context, call, version, deletion.sequence);
  const how = { reason: 'DeleteObject', 'deletion-type': deletion.type };
  return eventOf('Object Deleted', version, context.clock.now(), { ...detail, ...how });
}

function eventOf(
  detailType: string,
  version: ObjectVersion,
  time: number,
  detail: Record<string, unknown>,
): ServiceEvent {
  return { source: 'aws.s3', detailType, resources: [`arn:aws:s3:::${version.bucket}`], time, detail };
}

function detailOf(context: S3Context, call: S3Call, version: ObjectVersion, sequence: number) {
  return {
    version: '0',
    bucket: { name: version.bucket },
    object: {
      key: version.key,
      ...(version.deleteMarker ? {} : { etag: version.etag }),
      // A bucket that was never versioned names no version in its events.
      ...(version.versionId === 'null' ? {} : { 'version-id': version.versionId }),
      // Strictly increasing; of one width, so that text order is write order.
      sequencer: sequence.toString(16).toUpperCase().padStart(18, '0'),
    },
    'request-id': call.request.requestId,
    requester: context.identity.account,
    'source-ip-address': call.request.req.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '127.0.0.1',
  };
}
