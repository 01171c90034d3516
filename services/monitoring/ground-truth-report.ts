import { shortHash } from '../../shared/contracts/names.ts';
import { s3Uri } from '../../shared/contracts/s3-uri.ts';
import type { Label, MalformedLine } from './ground-truth-records.ts';
import { groundTruthReportKey } from './object-names.ts';
import type { MonitoringPorts } from './ports.ts';

/** What the HTTP API shows of a dropped object, and what of it still waits. `parts` are the labelled rows made of it. */
export interface GroundTruthReport {
  readonly formatVersion: 1;
  readonly object: string;
  readonly records: number;
  readonly matched: number;
  readonly malformedCount: number;
  readonly malformed: readonly MalformedLine[];
  readonly mismatched: readonly string[];
  /** Matched rows that no training can use: another model's columns, or cells that are no numbers. */
  readonly unusable: number;
  readonly parts: readonly string[];
  readonly unmatched: readonly Label[];
}

/** Answers its address. Named by its content: two handlers at once write two reports, and the item says which one
 * stands. */
export async function writeGroundTruthReport(
  { objects, settings }: Pick<MonitoringPorts, 'objects' | 'settings'>,
  pipeline: string,
  drop: string,
  report: GroundTruthReport,
): Promise<string> {
  const key = groundTruthReportKey(pipeline, drop, shortHash(JSON.stringify(report), 16));
  await objects.writeJson({ bucket: settings.artifactsBucket, key }, report);
  return s3Uri(settings.artifactsBucket, key);
}
