/** Searches the captures of a pipeline, of every model, for the inferences that labels name. */
import type { RequestColumns } from '../../shared/serving/request-columns.ts';
import { InferenceIndex } from './join.ts';
import { PATIENCE_MS } from './labels.ts';
import { capturePrefix, parseCaptureKey } from './object-names.ts';
import type { MonitoringPorts } from './ports.ts';
import { readCaptures } from './read-captures.ts';

/** S3's clock and ours may differ, and a capture may be listed a moment after it was written. */
const OVERLAP_MS = 600_000;

export type FindInferences = (
  pipeline: string,
  wanted: ReadonlySet<string>,
  { since, columns }: { readonly since: number; readonly columns: RequestColumns },
) => Promise<InferenceIndex>;

export function buildFindInferences({
  objects,
  settings,
  now,
}: Pick<MonitoringPorts, 'objects' | 'settings' | 'now'>): FindInferences {
  const bucket = settings.artifactsBucket;

  async function search(
    key: string,
    columns: RequestColumns,
    wanted: ReadonlySet<string>,
    index: InferenceIndex,
  ): Promise<void> {
    const capture = parseCaptureKey(settings.stage, key);
    if (!capture) return;
    await readCaptures(objects, { bucket, key }, columns, (record, line) => {
      if (record.kind !== 'inference' || !wanted.has(record.inference.id)) return;
      index.add({ model: capture.model, object: key, line, inference: record.inference });
    });
  }

  /** Looks into the objects written from `since` (epoch ms) on, the newest first, until all are found. */
  return async (pipeline, wanted, { since, columns }) => {
    const index = new InferenceIndex();
    const prefix = capturePrefix(settings.stage, pipeline);
    const after = new Date(now() - PATIENCE_MS - OVERLAP_MS).toISOString().slice(0, 13).replace(/[-T]/g, '/');
    const listed = await objects.listSince({ bucket, prefix, after });
    const recent = listed.filter(({ writtenAt }) => writtenAt >= since - OVERLAP_MS);
    for (const { key } of recent.sort((a, b) => b.writtenAt - a.writtenAt)) {
      if (index.size >= wanted.size) break;
      await search(key, columns, wanted, index);
    }
    return index;
  };
}
