/** Objects behind s3:// addresses, read by the function's own role. */
import { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { parseS3Uri } from '../../shared/contracts/s3-uri.ts';
import { type Saving, saveSource } from './adapters-saved-source.ts';
import type { Fetched, FetchSource, Validators } from './ports.ts';
import { MOST_SOURCE_BYTES, SourceProblem, shown } from './source-problem.ts';

export function createFetchS3(
  client: S3Client,
  { timeoutMs, limitBytes = MOST_SOURCE_BYTES }: { readonly timeoutMs: number; readonly limitBytes?: number },
): FetchSource {
  return async (url, { known, path }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await copy(client, url, known, { path, limitBytes, signal });
    } catch (error) {
      const isService = error instanceof S3ServiceException;
      if (isService && error.$metadata.httpStatusCode === 304) return { kind: 'unchanged' };
      if (signal.aborted) throw new SourceProblem(`${shown(url)} took longer than ${timeoutMs / 1000} s`);
      throw isService ? problemOf(url, error) : error;
    }
  };
}

async function copy(client: S3Client, url: string, known: Validators, saving: Saving): Promise<Fetched> {
  const { bucket: Bucket, key: Key } = parseS3Uri(url);
  const {
    Body,
    ContentLength = 0,
    ETag,
  } = await client.send(
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
      `${shown(url)} may not be read or is not there (${error.name}): deploy with --param sourceObjects=<its ARN>, which allows s3:GetObject to ingest-on-source-schedule`,
    );
  }
  if (status === 404)
    return new SourceProblem(`${shown(url)} is not there (${error.name}); put it there, or declare another`);
  if (status < 500 && status !== 429)
    return new SourceProblem(`${shown(url)} could not be read: ${error.name}: ${error.message}`);
  return error;
}
