import type { Operation } from './call.ts';
import type { Checksum } from './checksum.ts';
import { checksumHeaders, keptHeaders, versionHeaders } from './object-headers.ts';
import { writeObject } from './objects.ts';
import { type ReceivedBlob, receiveBlob } from './receive-body.ts';
import { sendEmpty } from './respond.ts';

export const putObject: Operation = async (context, call) => {
  const headers = keptHeaders(call);
  const received = await receiveBlob(call, context.blobs);
  const checksum = fullChecksum(received);
  const { blob, size, md5: etag } = received;
  const content = {
    bucket: call.bucket,
    key: call.key,
    headers,
    size,
    etag,
    checksum,
    segments: [{ blob, size }],
  };
  const version = await context.blobs.commit(blob, () => writeObject(context, call, content, 'PutObject'));
  sendEmpty(call.request, 200, {
    etag: `"${etag}"`,
    ...versionHeaders(version),
    ...checksumHeaders(checksum),
  });
};

export function fullChecksum({ algorithm, checksum }: ReceivedBlob): Checksum | undefined {
  return algorithm && checksum ? { algorithm, type: 'FULL_OBJECT', value: checksum } : undefined;
}
