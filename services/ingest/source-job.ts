/** Which sources a Processing job pulls, and the job. Pure. */
import { createHash } from 'node:crypto';
import { s3Uri } from '../../shared/contracts/s3-uri.ts';
import type { SourceJob, SourceState } from '../../shared/lifecycle/source.ts';
import type { PullLimits } from '../../shared/sources/fetched.ts';
import type { PullRequest } from '../../shared/sources/job.ts';
import { type BeyondLimits, tooLarge } from '../../shared/sources/problem.ts';
import type { IngestSettings, ProcessingOrder } from './ports.ts';
import { validatorsOf } from './source-schedule.ts';

/** A function has 9 minutes for one source, which asks 4 MB a second of the other side for so much, and twice the time is
 * not to be had; its disk would hold more. */
export const MOST_FUNCTION_SOURCE_BYTES = 2 * 1024 ** 3;

/** A job has hours. What it brings is then copied to the drop bucket by one call of the function, a gigabyte in a few
 * seconds, 32 at once: this much takes minutes of its fifteen. */
export const MOST_SOURCE_BYTES = 256 * 1024 ** 3;

const HOUR_MS = 3_600_000;
const SILENCE_MS = 30_000;
/** The rest of the job's twelve hours is for SageMaker to start it and to store what it brings. */
const PULL_MS = 10 * HOUR_MS;
const LONGEST_S = 12 * 3600;

/** Beside the file, for the image and in case that the source has grown since it was asked. */
const SPARE_GB = 10;
const GB = 1024 ** 3;

/** A pull that begins last still ends within the function's fifteen minutes. */
export const functionLimits = (bytes: number): PullLimits => ({
  bytes,
  timeoutMs: 9 * 60_000,
  idleMs: SILENCE_MS,
});

/** The job for a source that is beyond the function. Throws BeyondLimits where it is beyond a job as well. */
export function jobFor(
  pipeline: string,
  state: SourceState,
  { bytes }: BeyondLimits,
  since: string,
  { stage }: Pick<IngestSettings, 'stage'>,
): SourceJob {
  if (bytes !== undefined && bytes > MOST_SOURCE_BYTES) throw tooLarge(state.url, MOST_SOURCE_BYTES, bytes);
  const identity = JSON.stringify([pipeline, state.name, state.url, since]);
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 24);
  const name = `ratchet-${stage}-source-${digest}-${(state.jobs ?? 0) + 1}`;
  return { name, since, ...(bytes === undefined ? {} : { bytes }) };
}

/** Folder of a job in the artifacts bucket, ends in `/`: `request/`, and `output/` when the job has ended. */
export const jobFolder = (pipeline: string, { name }: SourceState, job: SourceJob): string =>
  `sources/${pipeline}/${name}/${job.name}/`;

/** What the job is told. */
export function pullRequest(
  state: SourceState,
  { sourceNetworks, sourceAuthorities }: Pick<IngestSettings, 'sourceNetworks' | 'sourceAuthorities'>,
): PullRequest {
  return {
    url: state.url,
    known: validatorsOf(state),
    networks: sourceNetworks,
    authorities: sourceAuthorities,
    limits: { bytes: MOST_SOURCE_BYTES, timeoutMs: PULL_MS, idleMs: SILENCE_MS },
  };
}

/** Disk for a length that nobody has told is disk for the most. */
export function orderOf(
  folder: string,
  { name, bytes = MOST_SOURCE_BYTES }: SourceJob,
  { artifactsBucket, sourceInstance }: Pick<IngestSettings, 'artifactsBucket' | 'sourceInstance'>,
): ProcessingOrder {
  return {
    name,
    request: s3Uri(artifactsBucket, `${folder}request/`),
    output: s3Uri(artifactsBucket, `${folder}output/`),
    instance: sourceInstance,
    volumeGb: Math.ceil(bytes / GB) + SPARE_GB,
    maximumSeconds: LONGEST_S,
  };
}
