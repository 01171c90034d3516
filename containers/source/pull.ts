import { S3Client } from '@aws-sdk/client-s3';
import type { FetchSource } from '../../shared/sources/fetched.ts';
import { createFetchHttps } from '../../shared/sources/https.ts';
import type { PullRequest, PullResult } from '../../shared/sources/job.ts';
import { createFetchS3 } from '../../shared/sources/object.ts';
import { createAddressRule } from '../../shared/sources/public-address.ts';

/** Pulls what is asked into the file `path`, as the function would. Throws SourceProblem when the source is to blame. */
export async function pull(request: PullRequest, path: string): Promise<PullResult> {
  const { url, known } = request;
  const at = new Date().toISOString();
  return { ...(await fetcherFor(request)(url, { known, path })), at };
}

function fetcherFor({ url, networks, authorities, limits }: PullRequest): FetchSource {
  if (!url.startsWith('s3:'))
    return createFetchHttps({ isAllowed: createAddressRule(networks), limits, authorities });
  const client = new S3Client({ maxAttempts: 5, requestHandler: { socketTimeout: limits.idleMs } });
  return createFetchS3(client, limits);
}
