/** A pipeline as its HTTP API tells it, for tests that wait: who waits in vain gets the whole story told. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, ApiRefusal } from '../../../cli/api.ts';
import type { EndpointView, RunView as RunSummary } from '../../../cli/demo/story-api.ts';
import { isTerminal } from '../../../shared/lifecycle/moves.ts';
import type { Phase, Transition } from '../../../shared/lifecycle/run.ts';
import { patient } from './target.ts';

export type RunView = RunSummary & { readonly stage?: string; readonly dataset?: string };

const EVERY_MS = 100;

export interface Story {
  runs(): Promise<RunView[]>;
  history(runId: string): Promise<Transition[]>;
  /** The phases of a run's history; steps that follow each other in one phase count once. */
  phases(runId: string): Promise<Phase[]>;
  endpoint(): Promise<EndpointView>;
  /** Asks until `find` answers; after `seconds` (as `patient` has them) it throws, with every run and history in the message. */
  until<T>(what: string, seconds: number, find: () => Promise<T | undefined>): Promise<T>;
  /** The run with this number once it is in `phase`. An end that is another phase throws at once. */
  reaches(number: number, phase: Phase, seconds: number): Promise<RunView>;
  /** The endpoint serves this model and nothing else. */
  servesOnly(model: string, seconds: number): Promise<EndpointView>;
  /** All runs and histories as text. */
  tell(): Promise<string>;
}

/** The list comes in pages; a long story has more runs than one. */
async function everyRun(api: Api, pipeline: string): Promise<RunView[]> {
  const runs: RunView[] = [];
  let from = '';
  do {
    const page = await api.get<{ runs: RunView[]; next?: string }>(
      `/v1/pipelines/${pipeline}/runs?limit=100${from}`,
    );
    runs.push(...page.runs);
    from = page.next === undefined ? '' : `&next=${encodeURIComponent(page.next)}`;
  } while (from);
  return runs;
}

export function createStory(api: Api, pipeline: string): Story {
  const story: Story = {
    runs: async () => {
      try {
        return await everyRun(api, pipeline);
      } catch (error) {
        // A pipeline that nobody has declared is unknown until something was dropped for it.
        if (error instanceof ApiRefusal && error.status === 404) return [];
        throw error;
      }
    },
    history: async (runId) => (await api.get<{ history: Transition[] }>(`/v1/runs/${runId}/history`)).history,
    phases: async (runId) => {
      const phases = (await story.history(runId)).map(({ phase }) => phase);
      return phases.filter((phase, at) => phase !== phases[at - 1]);
    },
    endpoint: () => api.get<EndpointView>(`/v1/pipelines/${pipeline}/endpoint`),
    until: async (what, seconds, find) => {
      const end = Date.now() + patient(seconds * 1000);
      for (;;) {
        const found = await find();
        if (found !== undefined) return found;
        if (Date.now() > end)
          throw new Error(`Waited ${seconds} s in vain for ${what}\n${await story.tell()}`);
        await sleep(EVERY_MS);
      }
    },
    reaches: (number, phase, seconds) =>
      story.until(`run ${number} to be ${phase}`, seconds, async () => {
        const run = (await story.runs()).find((one) => one.number === number);
        if (!run || run.phase === phase) return run;
        if (isTerminal(run.phase))
          throw new Error(`Run ${number} is ${run.phase}, not ${phase}\n${await story.tell()}`);
        return undefined;
      }),
    servesOnly: (model, seconds) =>
      story.until(`the endpoint to serve ${model} alone`, seconds, async () => {
        const view = await story.endpoint();
        const variants = view.serving?.variants ?? [];
        return variants.length === 1 && variants[0]?.model === model ? view : undefined;
      }),
    tell: async () => {
      const chapters = (await story.runs()).map(async ({ runId, number, phase, reason }) => {
        const steps = (await story.history(runId)).map(
          (step) =>
            `  ${step.at} ${step.phase} (${step.cause}) ${JSON.stringify(step.evidence ?? {}).slice(0, 400)}`,
        );
        return [`${pipeline} #${number} ${runId}: ${phase} ${reason ?? ''}`, ...steps].join('\n');
      });
      return (await Promise.all(chapters)).join('\n') || `${pipeline} has no runs`;
    },
  };
  return story;
}
