/** Whose rows a person asks for: a run's, a dataset version's, or those of a pipeline's newest preparation. */
import { pipelineOfRun } from '../../shared/contracts/names.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { type Api, ApiRefusal } from '../api.ts';
import { CliError, exitCode } from '../exit.ts';
import { findDataset, parseDatasetName } from '../explore/find-dataset.ts';

/** A run as far as it matters here. */
export interface PreparedRun {
  readonly runId: string;
  readonly pipeline: string;
  readonly phase: string;
  readonly stage?: string;
  readonly reason?: string;
  readonly specification?: { readonly data: DataSpecification };
  readonly dataset?: {
    readonly version: string;
    readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
    readonly quarantine: string;
  };
  /** What the run has brought, as far as the list is short. */
  readonly parts?: readonly { readonly key: string }[];
  /** Of a run whose data was refused. */
  readonly quarantine?: string;
}

type Listed = Pick<PreparedRun, 'runId' | 'phase' | 'stage'> & { readonly dataset?: string };

/** Throws a CliError that says what there is instead. */
export async function findPreparedRun(api: Api, name: string): Promise<PreparedRun> {
  if (pipelineOfRun(name) !== undefined) {
    const run = await runNamed(api, name);
    if (run) return run;
  }
  const wanted = parseDatasetName(name);
  if (wanted.version !== undefined) return mustFind(api, (await findDataset(api, wanted)).runId);
  const path = `/v1/pipelines/${encodeURIComponent(name)}/runs?limit=100`;
  const { runs } = await api.get<{ runs: readonly Listed[] }>(path);
  const newest = runs.find(
    ({ dataset, phase, stage }) => dataset ?? (phase === 'rejected' && stage === 'data'),
  );
  if (newest) return mustFind(api, newest.runId);
  throw new CliError(
    `${name} has prepared no data yet. Drop some with: ratchet drop ${name} FILE`,
    exitCode.badData,
  );
}

const mustFind = (api: Api, runId: string): Promise<PreparedRun> =>
  api.get<PreparedRun>(`/v1/runs/${encodeURIComponent(runId)}`);

/** A pipeline's name may look like that of a run. */
async function runNamed(api: Api, name: string): Promise<PreparedRun | undefined> {
  try {
    return await mustFind(api, name);
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return undefined;
    throw error;
  }
}

/** A refusal is the fault of what the run has brought, not of the files that the dataset had before: only their rows are
 * told. Undefined where those of all files are. */
export function filesInQuestion({ dataset, parts = [] }: PreparedRun): ReadonlySet<string> | undefined {
  return dataset || parts.length === 0 ? undefined : new Set(parts.map(({ key }) => key));
}
