/** What a function cannot hold is prepared by a Processing job with Spark; its run waits for the job, and takes what it
 * has written. Each look asks SageMaker what is true. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunIn } from '../../shared/lifecycle/run.ts';
import type { Result } from '../../shared/preparation/result.ts';
import type { UnitedPart } from './dataset-version.ts';
import type { IngestPorts, ProcessingState } from './ports.ts';
import { judge, type Prepared } from './prepare/prepare-dataset.ts';
import { ATTEMPTS, type SparkPlan, sparkPlan } from './spark-job.ts';

const MOST_RESULT_BYTES = 64 * 1024 * 1024;

/** There is no dataset yet, or there will be none. */
export type Unfinished = { readonly kind: 'waiting' } | { readonly kind: 'failed'; readonly reason: string };

export type BySpark =
  | Unfinished
  | {
      readonly kind: 'done';
      readonly prepared: Prepared;
      /** Folder in the artifacts bucket where the files lie that are not in the directory. */
      readonly folder: string;
    };

/** What is to be prepared, by Spark or here. */
export interface Work {
  readonly run: RunIn<'preparing'>;
  readonly parts: readonly UnitedPart[];
  /** Columns that the last version's files had and nobody declared. */
  readonly before: readonly string[] | undefined;
}

export interface Preparation extends Work {
  readonly directory: string;
}

export function buildPrepareBySpark({
  processing,
  storage,
  settings,
}: Pick<IngestPorts, 'processing' | 'storage' | 'settings'>) {
  const bucket = settings.artifactsBucket;

  /** The attempt that runs or has ended well, begun where there is none; or why there will be none. */
  async function attempt(plan: SparkPlan): Promise<ProcessingState> {
    let last: ProcessingState = {
      status: 'failed',
      reason: 'no attempt was made',
      told: false,
      again: true,
    };
    for (let number = 1; number <= ATTEMPTS; number += 1) {
      const order = plan.order(number);
      const known = await processing.describe(order.name);
      if (!known) {
        await storage.writeText(bucket, `${plan.folder}request/request.json`, JSON.stringify(plan.request));
        await processing.start(order);
        return { status: 'running' };
      }
      last = known;
      if (known.status !== 'failed' || !known.again) return known;
    }
    return last;
  }

  async function fetched(folder: string, name: string, directory: string): Promise<string> {
    const text = await storage.readText(bucket, `${folder}${name}`, MOST_RESULT_BYTES);
    if (text === undefined) throw new Error(`The Spark job has left no ${name} in ${folder}`);
    await writeFile(join(directory, name), text);
    return text;
  }

  async function hasBegun({ run, parts }: Work): Promise<boolean> {
    return (await processing.describe(sparkPlan(run, parts, settings).order(1).name)) !== undefined;
  }

  async function prepareBySpark({ run, parts, before, directory }: Preparation): Promise<BySpark> {
    const plan = sparkPlan(run, parts, settings);
    const state = await attempt(plan);
    if (state.status === 'running') return { kind: 'waiting' };
    if (state.status === 'failed') return { kind: 'failed', reason: `Spark: ${state.reason}` };
    const folder = `${plan.folder}output/`;
    const result = JSON.parse(await fetched(folder, 'result.json', directory)) as Result;
    if (result.kind === 'prepared') await fetched(folder, 'fitted.json', directory);
    return { kind: 'done', folder, prepared: judge(run.specification.data, result, before, directory) };
  }

  return { hasBegun, prepareBySpark };
}
