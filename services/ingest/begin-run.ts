/** A run begins: it is named by its cause, so that the same cause begins it once. */
import { inList, runKey, runList } from '../../shared/aws/keys.ts';
import type { StoredPipeline } from '../../shared/aws/run-store.ts';
import { tryAgainOnConflict } from '../../shared/aws/try-again.ts';
import { runIdOf } from '../../shared/contracts/names.ts';
import type { PipelineSpecification } from '../../shared/contracts/pipeline-specification.ts';
import { s3Uri } from '../../shared/contracts/s3-uri.ts';
import type { Cause, Part, Received, Rejected } from '../../shared/lifecycle/run.ts';
import type { IngestPorts } from './ports.ts';

export interface Beginning {
  readonly pipeline: string;
  readonly cause: Cause;
  /** Made from the cause (runIdOf): the same cause always names the same run. */
  readonly runId: string;
  readonly parts: readonly Part[];
  /** What a person asked to be different in this run. */
  readonly adjust?: (specification: PipelineSpecification) => PipelineSpecification;
}

export type Begun =
  | { readonly kind: 'begun' | 'there-already'; readonly runId: string }
  | { readonly kind: 'unknown-pipeline'; readonly reason: string };

export type BeginRun = (beginning: Beginning) => Promise<Begun>;

/** The event comes first; the sweep steps in when it was lost. */
const LOOK_AGAIN_MS = 10_000;

/** Beginnings that nobody took up again are remembered up to this many. */
const MOST_OPEN = 20;

/** A run's item stays small: a longer list of parts lies in S3. */
const MOST_PARTS_INLINE = 100;

export function buildBeginRun({ items, runs, publish, storage, settings, now }: IngestPorts): BeginRun {
  async function keepParts(
    pipeline: string,
    runId: string,
    parts: readonly Part[],
  ): Promise<Pick<Received, 'parts' | 'partsAt'>> {
    if (parts.length <= MOST_PARTS_INLINE) return { parts };
    const key = `datasets/${pipeline}/inputs/${runId}.json`;
    await storage.writeText(settings.artifactsBucket, key, JSON.stringify(parts));
    return { parts: [], partsAt: s3Uri(settings.artifactsBucket, key) };
  }

  /** The next number, noted as this run's in the same write. */
  async function takeNumber(stored: StoredPipeline, runId: string): Promise<number> {
    const number = stored.state.runCounter + 1;
    const open: [string, number][] = [];
    for (const entry of Object.entries(stored.state.beginning ?? {}).slice(-MOST_OPEN)) {
      if (!(await runs.loadRun(entry[0]))) open.push(entry);
    }
    const beginning = { ...Object.fromEntries(open), [runId]: number };
    await runs.savePipeline(stored, { ...stored.state, runCounter: number, beginning });
    return number;
  }

  return (beginning) =>
    tryAgainOnConflict(async () => {
      const { pipeline, runId, cause, parts, adjust } = beginning;
      const stored = await runs.loadPipeline(pipeline);
      if (!stored) return { kind: 'unknown-pipeline', reason: unknownPipeline(pipeline) };
      if (await runs.loadRun(runId)) return { kind: 'there-already', runId };

      const number = stored.state.beginning?.[runId] ?? (await takeNumber(stored, runId));
      const at = new Date(now()).toISOString();
      const { specification } = stored.state;
      const run: Received = {
        phase: 'received',
        runId,
        pipeline,
        number,
        version: 1,
        cause,
        specification: adjust ? adjust(specification) : specification,
        ...(await keepParts(pipeline, runId, parts)),
        createdAt: at,
        updatedAt: at,
        history: [
          { version: 1, phase: 'received', at, cause: cause.kind, evidence: { parts: parts.length } },
        ],
      };
      const created = await items.create(
        runKey(pipeline, runId),
        {
          state: run,
          events: [
            {
              name: 'DatasetReceived.v1',
              detail: { pipeline, runId, version: 1, cause: cause.kind, parts: parts.length },
            },
          ],
          due: { owner: 'ingest', at: now() + LOOK_AGAIN_MS },
        },
        inList(runList(pipeline), orderOf(at, number)),
      );
      if (!created) return { kind: 'there-already', runId };
      await publish(created);
      return { kind: 'begun', runId };
    });
}

/** Runs are listed by number: time alone does not order two that begin in one millisecond. */
const orderOf = (at: string, number: number): string => `${String(number).padStart(9, '0')}#${at}`;

export const unknownPipeline = (pipeline: string): string =>
  `There is no pipeline "${pipeline}"; declare it first (ratchet apply pipeline.yml), then drop the file again`;

export interface Refusal {
  readonly pipeline: string;
  readonly identity: string;
  readonly parts: readonly Part[];
  readonly reason: string;
}

/** Keeps and announces what can belong to no run: nobody's drop vanishes without a word. */
export function buildRefuse({ items, publish, now }: IngestPorts) {
  return async ({ pipeline, identity, parts, reason }: Refusal): Promise<void> => {
    const runId = runIdOf(pipeline, identity);
    const at = new Date(now()).toISOString();
    const run: Rejected = {
      phase: 'rejected',
      stage: 'data',
      reason,
      runId,
      pipeline,
      number: 0,
      version: 1,
      cause: { kind: 'data', batch: identity },
      parts,
      createdAt: at,
      updatedAt: at,
      history: [{ version: 1, phase: 'rejected', at, cause: 'data-rejected', evidence: { reason } }],
    };
    const created = await items.create(
      runKey(pipeline, runId),
      {
        state: run,
        events: [{ name: 'DatasetRejected.v1', detail: { pipeline, runId, version: 1, reason } }],
      },
      inList(runList(pipeline), orderOf(at, 0)),
    );
    if (!created) return;
    await publish(created);
    await items.postpone(created, undefined);
  };
}
