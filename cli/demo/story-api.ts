/** The demo's questions to the HTTP API. */
import { setTimeout as sleep } from 'node:timers/promises';
import { terminalPhases } from '../../shared/lifecycle/moves.ts';
import type { Phase } from '../../shared/lifecycle/run.ts';
import type { Api } from '../api.ts';
import { CliError } from '../exit.ts';

export interface RunView {
  readonly runId: string;
  readonly number: number;
  readonly phase: Phase;
  readonly cause: { readonly kind: string };
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly reason?: string;
  readonly model?: string;
  readonly gate?: { readonly candidate: number; readonly champion?: number; readonly rows: number };
}

export interface EndpointView {
  readonly champion?: string;
  readonly serving: {
    readonly variants: readonly { readonly model: string; readonly weight: number }[];
  } | null;
}

const EVERY_MS = 250;

/** Asks until `find` answers, or gives up and says what was waited for. */
async function waitFor<T>(what: string, seconds: number, find: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new CliError(`Waited ${seconds} s in vain for ${what}`);
    await sleep(EVERY_MS);
  }
}

/** `patience`: how many times as long as on an undisturbed cloud it waits before it gives up. */
export function createStoryApi(api: Api, pipeline: string, patience = 1) {
  const until = <T>(what: string, seconds: number, find: () => Promise<T | undefined>): Promise<T> =>
    waitFor(what, seconds * patience, find);
  const runs = async (): Promise<RunView[]> =>
    (await api.get<{ runs: RunView[] }>(`/v1/pipelines/${pipeline}/runs`)).runs;
  const endpoint = (): Promise<EndpointView> => api.get<EndpointView>(`/v1/pipelines/${pipeline}/endpoint`);
  const monitoring = <T>(): Promise<T> => api.get<T>(`/v1/pipelines/${pipeline}/monitoring`);

  const isEnd = (run: RunView): boolean => (terminalPhases as readonly string[]).includes(run.phase);

  /** The run with this number once it is in one of `phases`; an end that was not expected is an error. */
  const inPhase = (number: number, phases: readonly Phase[], seconds: number): Promise<RunView> =>
    until(`run ${number} to be ${phases.join(' or ')}`, seconds, async () => {
      const run = (await runs()).find((one) => one.number === number);
      if (!run) return undefined;
      if (phases.includes(run.phase)) return run;
      if (isEnd(run))
        throw new CliError(
          `Run ${run.runId} is ${run.phase}, not ${phases.join(' or ')}: ${run.reason ?? ''}`,
        );
      return undefined;
    });

  /** The endpoint serves this model and nothing else. */
  const servesOnly = (model: string, seconds: number): Promise<EndpointView> =>
    until(`the endpoint to serve ${model} alone`, seconds, async () => {
      const view = await endpoint();
      const variants = view.serving?.variants ?? [];
      return variants.length === 1 && variants[0]?.model === model ? view : undefined;
    });

  return { until, runs, endpoint, monitoring, inPhase, servesOnly };
}

export type StoryApi = ReturnType<typeof createStoryApi>;
