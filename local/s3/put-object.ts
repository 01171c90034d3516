import type { Operation } from './call.ts';
import { checksumHeaders, keptHeaders, versionHeaders } from './object-headers.ts';
import { writeObject } from './objects.ts';
import { receiveBlob } from './receive-body.ts';

export const putObject: Operation = async (context, call) => {
  const headers = keptHeaders(call);
  const { draft, etag, checksum } = await receiveBlob(call, context.blobs);
  const { id, size } = draft;
  const content = { headers, etag, checksum, blobs: [{ id, size }] };
  const version = await context.blobs.commit(draft, () => writeObject(context, call, content, 'PutObject'));
  return { headers: { etag: `"${etag}"`, ...versionHeaders(version), ...checksumHeaders(checksum) } };
};
