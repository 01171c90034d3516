/** Objects behind s3:// addresses, read by the own role of whoever pulls. */
import { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { parseS3Uri } from '../contracts/s3-uri.ts';
import type { Fetched, FetchSource, PullLimits, Validators } from './fetched.ts';
import { SourceProblem, shown, tooSlow } from './problem.ts';
import { type Saving, saveSource } from './save.ts';

export function createFetchS3(
  client: S3Client,
  { bytes: limitBytes, timeoutMs }: Pick<PullLimits, 'bytes' | 'timeoutMs'>,
): FetchSource {
  return async (url, { known, path }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await copy(client, url, known, { path, limitBytes, signal });
    } catch (error) {
      const isService = error instanceof S3ServiceException;
      if (isService && error.$metadata.httpStatusCode === 304) return { kind: 'unchanged' };
      if (signal.aborted) throw tooSlow(url, timeoutMs);
      throw isService ? problemOf(url, error) : error;
    }
  };
}

async function copy(client: S3Client, url: string, known: Validators, saving: Saving): Promise<Fetched> {
  const { bucket: Bucket, key: Key } = parseS3Uri(url);
  const { Body, ContentLength, ETag } = await client.send(
    new GetObjectCommand({ Bucket, Key, ...(known.etag ? { IfNoneMatch: known.etag } : {}) }),
    { abortSignal: saving.signal },
  );
  if (!(Body instanceof Readable)) throw new Error(`${url} has no body`);
  const saved = await saveSource(url, Body, ContentLength, saving);
  return { kind: 'fetched', ...saved, ...(ETag ? { etag: ETag } : {}) };
}

/** What S3 refuses for good is the declaration's fault; what it may do at the next try is nobody's. */
function problemOf(url: string, error: S3ServiceException): unknown {
  const status = error.$metadata.httpStatusCode ?? 500;
  if (status === 403) {
    return new SourceProblem(
      `${shown(url)} may not be read or is not there (${error.name}): deploy with --param sourceObjects=<its ARN>, which allows s3:GetObject to ingest-on-source-schedule and its jobs`,
    );
  }
  if (status === 404)
    return new SourceProblem(`${shown(url)} is not there (${error.name}); put it there, or declare another`);
  if (status < 500 && status !== 429)
    return new SourceProblem(`${shown(url)} could not be read: ${error.name}: ${error.message}`);
  return error;
}
