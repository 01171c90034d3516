/** Every minute, and when a job that pulls one has moved: declared sources whose time has come are pulled, one after the
 * other; what they have that is new is dropped like any other file. Another call takes those that this one has not come
 * to. */
import { Conflict, type Stored } from '../../shared/aws/item-store.ts';
import { pipelineList, sourceKey, sourcePrefix } from '../../shared/aws/keys.ts';
import type { Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { SourceState } from '../../shared/lifecycle/source.ts';
import { log } from '../../shared/runtime/log.ts';
import type { FetchSource } from '../../shared/sources/fetched.ts';
import { BeyondLimits, SourceProblem, shown } from '../../shared/sources/problem.ts';
import type { IngestPorts } from './ports.ts';
import { buildPullByJob, JobFailed } from './pull-by-job.ts';
import { jobFor } from './source-job.ts';
import {
  brought,
  claimed,
  type DeclaredSource,
  declaredSources,
  dueAt,
  failed,
  fileOf,
  handedOn,
  hindered,
  isNew,
  unchanged,
  validatorsOf,
} from './source-schedule.ts';

/** No pull begins later than so long after the call began: the longest one still ends within the function's time. */
const LAST_BEGIN_MS = 5 * 60_000;
const PAGE = 100;

export interface Fetchers {
  readonly https: FetchSource;
  readonly s3: FetchSource;
}

type Shell = Pick<IngestPorts, 'items' | 'storage' | 'sourceJobs' | 'withFolder' | 'settings' | 'now'>;

export function buildPullSource(ports: Shell, fetchers: Fetchers) {
  const { items, storage, withFolder, settings, now } = ports;
  const byJob = buildPullByJob(ports);

  /** Undefined when another is at it. */
  async function claim(pipeline: string, source: DeclaredSource): Promise<Stored<SourceState> | undefined> {
    const key = sourceKey(pipeline, source.name);
    const stored = await items.load<SourceState>(key);
    if (dueAt(source, stored?.state) > now()) return undefined;
    const state = claimed(source, stored?.state, now());
    return stored ? items.commit(stored, { state }) : items.create(key, { state });
  }

  async function pullHere(pipeline: string, state: SourceState, at: number): Promise<SourceState> {
    return withFolder(async (folder) => {
      const path = `${folder}/source`;
      const fetch = state.url.startsWith('s3:') ? fetchers.s3 : fetchers.https;
      const fetched = await fetch(state.url, { known: validatorsOf(state), path });
      if (!isNew(state, fetched)) return unchanged(state, at, fetched);
      const { file, origin } = fileOf(pipeline, state, fetched, new Date(at).toISOString());
      await storage.writeOnce(settings.dropBucket, file.key, path, origin);
      return brought(state, at, file);
    });
  }

  async function look(pipeline: string, state: SourceState, at: number): Promise<SourceState> {
    if (state.job) return byJob.look(pipeline, state, state.job, at);
    try {
      return await pullHere(pipeline, state, at);
    } catch (error) {
      if (!(error instanceof BeyondLimits)) throw error;
      const job = jobFor(pipeline, state, error, new Date(at).toISOString(), settings);
      log.info('A source is beyond a function, and pulled by a job', { pipeline, source: state.name, job });
      return handedOn(state, job);
    }
  }

  function told(pipeline: string, state: SourceState, at: number, error: unknown): SourceState {
    const message = error instanceof Error ? error.message : String(error);
    const reason =
      error instanceof SourceProblem ? message : `${shown(state.url)} could not be pulled: ${message}`;
    // What takes hours is not given up because a call to AWS has failed.
    const isEnd = !state.job || error instanceof SourceProblem || error instanceof JobFailed;
    const next = isEnd ? failed(state, at, reason) : hindered(state, at, reason);
    const fields = { pipeline, source: state.name, reason, failures: next.failures };
    if (error instanceof SourceProblem) log.warn('A source could not be read', fields);
    else log.error('A source could not be pulled', error, fields);
    return next;
  }

  /** Looks, and keeps what has come of it. */
  async function advance(pipeline: string, stored: Stored<SourceState>): Promise<Stored<SourceState>> {
    const { state } = stored;
    const at = now();
    const next = await look(pipeline, state, at).catch((error: unknown) => told(pipeline, state, at, error));
    const after = await items.commit(stored, { state: next });
    const { last } = next;
    if (next.drops > state.drops)
      log.info('A source has brought a file', {
        pipeline,
        source: state.name,
        key: last?.key,
        bytes: last?.bytes,
      });
    if (state.job && !next.job) await byJob.tidy(pipeline, state, state.job);
    return after;
  }

  return async (pipeline: string, source: DeclaredSource): Promise<void> => {
    try {
      const stored = await claim(pipeline, source);
      if (!stored) return;
      const after = await advance(pipeline, stored);
      // It is begun once it is known to whoever looks next.
      if (after.state.job && !stored.state.job) await advance(pipeline, after);
    } catch (error) {
      // Another has taken it, because this one was too slow or because it was faster: what it notes is right.
      if (!(error instanceof Conflict)) throw error;
    }
  };
}

export function buildOnSourceSchedule(ports: Shell, fetchers: Fetchers) {
  const { items, now } = ports;
  const pull = buildPullSource(ports, fetchers);

  async function dueSources({ name, specification }: Pipeline): Promise<readonly DeclaredSource[]> {
    const sources = declaredSources(specification.data.sources);
    if (sources.length === 0) return [];
    const states = await items.beneath<SourceState>(sourceKey(name, '').pk, sourcePrefix);
    const known = new Map(states.map((state) => [state.name, state]));
    return sources.filter((source) => dueAt(source, known.get(source.name)) <= now());
  }

  async function* pipelines(): AsyncGenerator<Pipeline> {
    let next: string | undefined;
    do {
      const page = await items.list<Pipeline>(pipelineList, { limit: PAGE, next });
      yield* page.items;
      next = page.next;
    } while (next);
  }

  return async (): Promise<void> => {
    const begun = now();
    for await (const pipeline of pipelines()) {
      for (const source of await dueSources(pipeline)) {
        if (now() - begun > LAST_BEGIN_MS) return;
        await pull(pipeline.name, source);
      }
    }
  };
}
