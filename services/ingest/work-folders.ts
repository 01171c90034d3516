/** Where Spark's jobs read what is asked of them and leave what they have made: for each run a folder, which goes once the
 * run has its dataset, or will have none. */
import type { Run } from '../../shared/lifecycle/run.ts';
import type { IngestPorts } from './ports.ts';

const foldersOf = (pipeline: string): string => `datasets/${pipeline}/work/`;

/** Of one run, in the artifacts bucket; ends in `/`. */
export const workFolder = ({ pipeline, runId }: Pick<Run, 'pipeline' | 'runId'>): string =>
  `${foldersOf(pipeline)}${runId}/`;

export type TidyWork = (pipeline: string) => Promise<void>;

/** Removes the folders of all runs of a pipeline that are past their preparation. Whoever ends a preparation calls it, and
 * whoever hears of a job: what one has left because it broke down, or a job that ended behind its run, goes with the next. */
export function buildTidyWork({
  runs,
  storage,
  settings: { artifactsBucket },
}: Pick<IngestPorts, 'runs' | 'storage' | 'settings'>): TidyWork {
  async function isOver(runId: string): Promise<boolean> {
    const phase = (await runs.loadRun(runId))?.state.phase;
    return phase !== undefined && phase !== 'received' && phase !== 'preparing';
  }

  return async (pipeline) => {
    const folders = foldersOf(pipeline);
    const found = new Set<string>();
    for await (const { key } of storage.list(artifactsBucket, folders))
      found.add(key.slice(folders.length).split('/', 1)[0] ?? '');
    for (const runId of found)
      if (await isOver(runId)) await storage.removeAll(artifactsBucket, workFolder({ pipeline, runId }));
  };
}
