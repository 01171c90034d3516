/** A source that is beyond a function is pulled by a Processing job, and taken as if a function had pulled it. Each look
 * asks SageMaker what is true. */
import type { SourceJob, SourceState } from '../../shared/lifecycle/source.ts';
import { log } from '../../shared/runtime/log.ts';
import { CONTENT_FILE, type PullResult, REQUEST_FILE, RESULT_FILE } from '../../shared/sources/job.ts';
import { SourceProblem } from '../../shared/sources/problem.ts';
import type { IngestPorts } from './ports.ts';
import { jobFolder, orderOf, pullRequest } from './source-job.ts';
import { brought, fileOf, isNew, unchanged, waiting } from './source-schedule.ts';

const MOST_RESULT_BYTES = 64 * 1024;

/** The job will bring nothing, and the source is not to blame. */
export class JobFailed extends Error {
  readonly code = 'JobFailed';
}

export function buildPullByJob({
  sourceJobs,
  storage,
  settings,
}: Pick<IngestPorts, 'sourceJobs' | 'storage' | 'settings'>) {
  const bucket = settings.artifactsBucket;

  async function begin(folder: string, state: SourceState, job: SourceJob): Promise<void> {
    const request = JSON.stringify(pullRequest(state, settings));
    await storage.writeText(bucket, `${folder}request/${REQUEST_FILE}`, request);
    await sourceJobs.start(orderOf(folder, job, settings)).catch((error: unknown) => {
      const { message } = error as Error;
      throw new JobFailed(`the job ${job.name} could not be begun: ${message}`, { cause: error });
    });
  }

  async function take(
    pipeline: string,
    state: SourceState,
    folder: string,
    at: number,
  ): Promise<SourceState> {
    const text = await storage.readText(bucket, `${folder}output/${RESULT_FILE}`, MOST_RESULT_BYTES);
    if (text === undefined) throw new JobFailed(`the job has left no ${RESULT_FILE} in ${folder}`);
    const result = JSON.parse(text) as PullResult;
    if (!isNew(state, result)) return unchanged(state, at, result);
    const from = { bucket, key: `${folder}output/${CONTENT_FILE}` };
    const there = await storage.head(from.bucket, from.key);
    if (there?.size !== result.bytes)
      throw new JobFailed(`the job speaks of ${result.bytes} bytes and has left ${there?.size ?? 'none'}`);
    const { file, origin } = fileOf(pipeline, state, result, result.at);
    await storage.copyOnce(from, { bucket: settings.dropBucket, key: file.key }, origin);
    return brought(state, at, file);
  }

  /** What is known of the source after a look at its job, which is begun where nobody has. Throws SourceProblem where
   * the job's program says why it cannot be read, JobFailed where it ends otherwise; any other error says nothing of
   * the job. */
  async function look(
    pipeline: string,
    state: SourceState,
    job: SourceJob,
    at: number,
  ): Promise<SourceState> {
    const folder = jobFolder(pipeline, state, job);
    const known = await sourceJobs.describe(job.name);
    if (!known) await begin(folder, state, job);
    switch (known?.status) {
      case undefined:
      case 'running':
        return waiting(state);
      case 'completed':
        return take(pipeline, state, folder, at);
      case 'failed':
        if (known.told) throw new SourceProblem(known.reason);
        throw new JobFailed(`the job ${job.name} failed: ${known.reason}`);
      default:
        return known satisfies never;
    }
  }

  /** What a job that is done with has left; the bucket's lifecycle takes what is forgotten here. */
  async function tidy(pipeline: string, state: SourceState, job: SourceJob): Promise<void> {
    const folder = jobFolder(pipeline, state, job);
    const files = [`output/${CONTENT_FILE}`, `output/${RESULT_FILE}`, `request/${REQUEST_FILE}`];
    try {
      for (const file of files) await storage.remove(bucket, `${folder}${file}`);
    } catch (error) {
      log.error('What a job has left could not be removed', error, { pipeline, folder });
    }
  }

  return { look, tidy };
}
