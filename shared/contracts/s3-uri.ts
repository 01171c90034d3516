export interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

/** `s3://bucket/key` → its parts. Throws RangeError on any other text. */
export function parseS3Uri(uri: string): S3Address {
  const match = /^s3:\/\/([^/]+)\/(.*)$/s.exec(uri);
  if (!match) throw new RangeError(`"${uri}" is no s3:// address`);
  return { bucket: match[1] as string, key: match[2] as string };
}

export const s3Uri = (bucket: string, key: string): string => `s3://${bucket}/${key}`;
