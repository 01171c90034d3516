import { parseS3Uri } from '../../shared/contracts/s3-uri.ts';
import type { Part, Run } from '../../shared/lifecycle/run.ts';
import type { IngestPorts } from './ports.ts';

const MOST_LIST_BYTES = 64 * 1024 * 1024;

/** What a run brings, wherever the list of it lies. */
export type PartsOfRun = (run: Pick<Run, 'parts' | 'partsAt'>) => Promise<readonly Part[]>;

export function buildPartsOfRun({ storage }: Pick<IngestPorts, 'storage'>): PartsOfRun {
  return async ({ parts, partsAt }) => {
    if (!partsAt) return parts;
    const { bucket, key } = parseS3Uri(partsAt);
    const text = await storage.readText(bucket, key, MOST_LIST_BYTES);
    if (!text) throw new Error(`The list of the run's parts is not at ${partsAt}`);
    return JSON.parse(text) as Part[];
  };
}
