/** What a dataset version is made of, and what it is called. Pure. */
import { createHash } from 'node:crypto';
import type { Part } from '../../shared/lifecycle/run.ts';

/** Version = hash(sorted SHA-256 of its input parts ‖ digest of its preparation), the first 32 hex digits. Never of
 * output bytes; the same part twice changes nothing. */
export function datasetVersion(partHashes: readonly string[], preparation: string): string {
  const hash = createHash('sha256');
  for (const part of [...new Set(partHashes)].sort()) hash.update(`${part}\n`);
  return hash.update(preparation).digest('hex').slice(0, 32);
}

const byPlace = (a: Part, b: Part): number => {
  const [x, y] = [`${a.bucket}\n${a.key}\n${a.versionId}`, `${b.bucket}\n${b.key}\n${b.versionId}`];
  return x < y ? -1 : Number(x > y);
};

export interface UnitedPart {
  readonly part: Part;
  /** Whether the run brought it; the others were in the dataset before. */
  readonly fresh: boolean;
}

/** The dataset's parts with the run's parts added; a key that comes again replaces its older version. */
export function unite(before: readonly Part[], added: readonly Part[]): readonly UnitedPart[] {
  const replaced = new Set(added.map((part) => `${part.bucket}\n${part.key}`));
  const kept = before.filter((part) => !replaced.has(`${part.bucket}\n${part.key}`));
  return [
    ...kept.map((part) => ({ part, fresh: false })),
    ...added.map((part) => ({ part, fresh: true })),
  ].sort((a, b) => byPlace(a.part, b.part));
}

/** What a dataset keeps that new files replace: a source's file replaces that source's files, so that those of the other
 * `declared` sources stay; a dropped file replaces everything. */
export function keptWhenReplaced<P extends Part>(
  before: readonly P[],
  added: readonly Part[],
  declared: readonly string[],
): readonly P[] {
  if (added.some(({ origin }) => !origin)) return [];
  const replaced = new Set(added.map(({ origin }) => origin?.source));
  return before.filter(
    ({ origin }) => origin && declared.includes(origin.source) && !replaced.has(origin.source),
  );
}

export const datasetPrefix = (pipeline: string, version: string): string =>
  `datasets/${pipeline}/${version}/`;
