import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';

/** S3 copies an object of up to 5 GB at once; larger ones go in parts of this size, at most 10,000 of them. */
const AT_ONCE = 5_000_000_000;
const PART = 1_000_000_000;

/** Copies an object within a bucket; its bytes do not pass through here. */
export async function copyObject(client: S3Client, Bucket: string, from: string, to: string): Promise<void> {
  const { ContentLength: size = 0 } = await client.send(new HeadObjectCommand({ Bucket, Key: from }));
  const CopySource = `${Bucket}/${from.split('/').map(encodeURIComponent).join('/')}`;
  const target = { Bucket, Key: to };
  if (size <= AT_ONCE) {
    await client.send(new CopyObjectCommand({ ...target, CopySource }));
    return;
  }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (let start = 0; start < size; start += PART) {
      const PartNumber = Parts.length + 1;
      const CopySourceRange = `bytes=${start}-${Math.min(size, start + PART) - 1}`;
      const part = { ...target, UploadId, PartNumber, CopySource, CopySourceRange };
      const { CopyPartResult } = await client.send(new UploadPartCopyCommand(part));
      Parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
    }
    await client.send(
      new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
    );
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  }
}
