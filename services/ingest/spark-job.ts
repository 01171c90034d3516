/** Which data goes to Spark, and the job that prepares it there. Pure. */
import { createHash } from 'node:crypto';
import { s3Uri } from '../../shared/contracts/s3-uri.ts';
import type { RunIn } from '../../shared/lifecycle/run.ts';
import type { UnitedPart } from './dataset-version.ts';
import type { IngestSettings, ProcessingOrder } from './ports.ts';
import type { Limits } from './prepare/read/rejection.ts';
import { workFolder } from './work-folders.ts';

/**
 * What a function can hold, in bytes of text. Its disk (10 GiB) bears the cells of all rows, DuckDB's table of them and
 * what it spills, and the dataset's files: four times the text, or 8 GiB. The time (13 of the function's 15 minutes)
 * asks for 3 MB a second, which DuckDB passes several times over on two cores; memory is bounded by what it spills.
 */
export const MOST_FUNCTION_BYTES = 2 * 1024 ** 3;
/** How much larger packed text and Parquet are when unpacked, as a rule, and at most (then they are refused). */
const EXPANSION = 6;
const MOST_EXPANSION = 200;
const PACKED = /\.(gz|gzip|zst|zstd|parquet)$/i;

/**
 * What a job takes of one part. One task cuts it into rows, of which 18 MB a second were measured (a tenth of the work;
 * the others clean them), in less than 100 MB of memory: the largest takes an hour of the twelve that a job has.
 */
export const JOB_LIMITS = {
  partBytes: 32 * 1024 ** 3,
  unpackedBytes: 64 * 1024 ** 3,
} as const satisfies Partial<Limits>;

/** Attempts of one preparation; each is a job of its own name. */
export const ATTEMPTS = 3;
/** Bytes of disk for a byte of text, of which ten were measured: rows are parted by key and by place, wait in that order,
 * and go out as CSV and as Parquet. */
const DISK = 12;
/** How much larger packed parts may be when unpacked, generously: what has no room is lost after hours. */
const DISK_EXPANSION = 20;
const LEAST_DISK_GB = 30;
const MOST_DISK_GB = 16_384;
const LONGEST_S = 12 * 3600;

/** What the parts may be as text. */
export function textBytes(parts: readonly UnitedPart[], expansion = EXPANSION): number {
  return parts.reduce((sum, { part }) => sum + part.size * (PACKED.test(part.key) ? expansion : 1), 0);
}

/** Whether a function that tries may yet find them too large: packed ones that become more than is the rule, or rows that
 * take more time, disk or memory than most of their size. */
export const mayBeTooLarge = (parts: readonly UnitedPart[], limit: number): boolean =>
  textBytes(parts, MOST_EXPANSION) > limit / 16;

/** What the parts may be at most, as far as a job takes them. */
const mostText = (parts: readonly UnitedPart[]): number =>
  parts.reduce((sum, part) => sum + Math.min(JOB_LIMITS.unpackedBytes, textBytes([part], DISK_EXPANSION)), 0);

/** Equal for equal parts of one run: whoever looks at the run finds the same job. */
function digestOf(run: RunIn<'preparing'>, parts: readonly UnitedPart[]): string {
  const hash = createHash('sha256').update(run.runId);
  for (const { part, fresh } of parts)
    hash.update(JSON.stringify([part.bucket, part.key, part.versionId, fresh]));
  return hash.digest('hex').slice(0, 24);
}

export interface SparkPlan {
  /** Folder in the artifacts bucket, ends in `/`: `request/request.json`, and `output/` when the job has ended. */
  readonly folder: string;
  /** What `request.json` says: see containers/spark/prepare.py. */
  readonly request: unknown;
  readonly order: (attempt: number) => ProcessingOrder;
}

export function sparkPlan(
  run: RunIn<'preparing'>,
  parts: readonly UnitedPart[],
  settings: IngestSettings,
): SparkPlan {
  const digest = digestOf(run, parts);
  const folder = `${workFolder(run)}${digest}/`;
  const gigabytes = Math.ceil((DISK * mostText(parts)) / 1024 ** 3);
  return {
    folder,
    request: {
      data: run.specification.data,
      limits: JOB_LIMITS,
      parts: parts.map(({ part: { bucket, key, versionId, size }, fresh }) => ({
        bucket,
        key,
        versionId,
        size,
        fresh,
      })),
    },
    order: (attempt) => ({
      name: `ratchet-${settings.stage}-spark-${digest}-${attempt}`,
      runId: run.runId,
      request: s3Uri(settings.artifactsBucket, `${folder}request/`),
      output: s3Uri(settings.artifactsBucket, `${folder}output/`),
      instance: settings.sparkInstance,
      volumeGb: Math.min(MOST_DISK_GB, Math.max(LEAST_DISK_GB, gigabytes)),
      maximumSeconds: LONGEST_S,
    }),
  };
}
