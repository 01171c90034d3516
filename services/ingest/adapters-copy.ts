import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { S3Address } from '../../shared/contracts/s3-uri.ts';
import { inGroups } from './in-groups.ts';

/** S3 copies an object of up to 5 GB at once; larger ones go in parts of a gigabyte, at most 10,000 of them. */
const SIZES = { atOnce: 5_000_000_000, part: 1_000_000_000 };
/** S3 copies a part in seconds, and many in the same time. */
const PARTS_TOGETHER = 32;

export interface CopyOrder {
  readonly from: S3Address;
  readonly to: S3Address;
  /** In place of the object's own. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Only where nothing lies yet: else S3 answers 412. */
  readonly once?: boolean;
}

/** Copies an object; its bytes do not pass through here. */
export async function copyObject(client: S3Client, order: CopyOrder, sizes = SIZES): Promise<void> {
  const { from, to, metadata, once } = order;
  const head = new HeadObjectCommand({ Bucket: from.bucket, Key: from.key });
  const { ContentLength: size = 0 } = await client.send(head);
  const CopySource = `${from.bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}`;
  const target = { Bucket: to.bucket, Key: to.key };
  const condition = once ? { IfNoneMatch: '*' } : {};
  if (size <= sizes.atOnce) {
    const replaced = metadata ? { MetadataDirective: 'REPLACE' as const, Metadata: metadata } : {};
    await client.send(new CopyObjectCommand({ ...target, ...condition, ...replaced, CopySource }));
    return;
  }
  const Metadata = metadata ? { ...metadata } : undefined;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, Metadata }));
  const copyPart = async (start: number) => {
    const PartNumber = start / sizes.part + 1;
    const CopySourceRange = `bytes=${start}-${Math.min(size, start + sizes.part) - 1}`;
    const part = { ...target, UploadId, PartNumber, CopySource, CopySourceRange };
    const { CopyPartResult } = await client.send(new UploadPartCopyCommand(part));
    return { PartNumber, ETag: CopyPartResult?.ETag };
  };
  try {
    const Parts: Awaited<ReturnType<typeof copyPart>>[] = [];
    for await (const starts of inGroups(startsOf(size, sizes.part), PARTS_TOGETHER))
      Parts.push(...(await Promise.all(starts.map(copyPart))));
    const whole = { ...target, ...condition, UploadId, MultipartUpload: { Parts } };
    await client.send(new CompleteMultipartUploadCommand(whole));
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  }
}

function* startsOf(size: number, part: number): Generator<number> {
  for (let start = 0; start < size; start += part) yield start;
}
