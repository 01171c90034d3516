import type { EventDetail } from '../../shared/contracts/events.ts';
import { parseS3Uri } from '../../shared/contracts/s3-uri.ts';
import type { BeginRun } from './begin-run.ts';
import type { IngestPorts } from './ports.ts';

/** Drift or lost quality asks for a run: what the dataset had, and the newly labelled rows. The request's own run id
 * names the run, so that the event may come twice. */
export function buildOnRetrainingRequested({ storage }: Pick<IngestPorts, 'storage'>, begin: BeginRun) {
  return async (detail: EventDetail<'RetrainingRequested.v1'>): Promise<void> => {
    const { bucket, key } = parseS3Uri(detail.part);
    const object = await storage.head(bucket, key);
    if (!object) throw new Error(`The labelled rows ${detail.part} are not there`);
    const kind = /quality/i.test(detail.reason) ? 'quality' : 'drift';
    await begin({
      pipeline: detail.pipeline,
      runId: detail.runId,
      cause: { kind, request: detail.runId, reason: detail.reason },
      parts: [{ bucket, key, versionId: object.versionId, size: object.size }],
    });
  };
}
