import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { inGroups } from './in-groups.ts';

const REMOVED_AT_ONCE = 10;

/** All versions of all objects under a prefix and its delete markers, page by page. */
export async function* listVersions(
  client: S3Client,
  Bucket: string,
  Prefix: string,
): AsyncGenerator<Pick<ListObjectVersionsCommandOutput, 'Versions' | 'DeleteMarkers'>> {
  let page: Partial<ListObjectVersionsCommandOutput> = { IsTruncated: true };
  while (page.IsTruncated) {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    page = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix, KeyMarker, VersionIdMarker }));
    yield page;
  }
}

/** Removes them for good, one by one: a role that may remove under a prefix only may not name many in one call. What is
 * gone already is no error. */
export async function removeVersions(client: S3Client, Bucket: string, Prefix: string): Promise<void> {
  for await (const { Versions = [], DeleteMarkers = [] } of listVersions(client, Bucket, Prefix))
    for await (const some of inGroups([...Versions, ...DeleteMarkers], REMOVED_AT_ONCE))
      await Promise.all(
        some.map(({ Key, VersionId }) => client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))),
      );
}
