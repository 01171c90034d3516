/** Every minute: declared sources whose time has come are pulled, one after the other; what they have that is new is
 * dropped like any other file. Another minute's call takes those that this one has not come to. */
import { Conflict, type Stored } from '../../shared/aws/item-store.ts';
import { pipelineList, sourceKey, sourcePrefix } from '../../shared/aws/keys.ts';
import type { Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { SourceState } from '../../shared/lifecycle/source.ts';
import { log } from '../../shared/runtime/log.ts';
import type { FetchSource, IngestPorts } from './ports.ts';
import { SourceProblem, shown } from './source-problem.ts';
import {
  brought,
  claimed,
  type DeclaredSource,
  declaredSources,
  dueAt,
  failed,
  isNew,
  sourceFileKey,
  tagsOf,
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

type Shell = Pick<IngestPorts, 'items' | 'storage' | 'withFolder' | 'settings' | 'now'>;

export function buildPullSource({ items, storage, withFolder, settings, now }: Shell, fetchers: Fetchers) {
  /** Undefined when another is at it. */
  async function claim(pipeline: string, source: DeclaredSource): Promise<Stored<SourceState> | undefined> {
    const key = sourceKey(pipeline, source.name);
    const stored = await items.load<SourceState>(key);
    if (dueAt(source, stored?.state) > now()) return undefined;
    const state = claimed(source, stored?.state, now());
    return stored ? items.commit(stored, { state }) : items.create(key, { state });
  }

  async function look(pipeline: string, state: SourceState, at: number): Promise<SourceState> {
    const fetchedAt = new Date(at).toISOString();
    return withFolder(async (folder) => {
      const path = `${folder}/source`;
      const fetch = state.url.startsWith('s3:') ? fetchers.s3 : fetchers.https;
      const fetched = await fetch(state.url, { known: validatorsOf(state), path });
      if (!isNew(state, fetched)) return unchanged(state, at, fetched);
      const { sha256, bytes, etag } = fetched;
      const key = sourceFileKey(pipeline, state, fetched);
      const origin = { source: state.name, url: state.url, sha256, fetchedAt, ...(etag ? { etag } : {}) };
      await storage.writeOnce(settings.dropBucket, key, path, origin);
      log.info('A source has brought a file', { pipeline, source: state.name, key, bytes });
      return brought(state, at, { key, bytes, sha256, ...tagsOf(fetched), at: fetchedAt });
    });
  }

  function told(pipeline: string, state: SourceState, at: number, error: unknown): SourceState {
    const message = error instanceof Error ? error.message : String(error);
    const reason =
      error instanceof SourceProblem ? message : `${shown(state.url)} could not be pulled: ${message}`;
    const next = failed(state, at, reason);
    const fields = { pipeline, source: state.name, reason, failures: next.failures };
    if (error instanceof SourceProblem) log.warn('A source could not be read', fields);
    else log.error('A source could not be pulled', error, fields);
    return next;
  }

  return async (pipeline: string, source: DeclaredSource): Promise<void> => {
    try {
      const at = now();
      const stored = await claim(pipeline, source);
      if (!stored) return;
      const state = await look(pipeline, stored.state, at).catch((error: unknown) =>
        told(pipeline, stored.state, at, error),
      );
      await items.commit(stored, { state });
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
