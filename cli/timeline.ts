/** A pipeline's story, line by line, as its runs tell it: read from the HTTP API again and again. */
import type { Run, Transition } from '../shared/lifecycle/run.ts';
import type { Api } from './api.ts';

interface RunSummary {
  readonly runId: string;
  readonly number: number;
  readonly phase: Run['phase'];
  readonly cause: Run['cause'];
  readonly updatedAt: string;
}

export interface TimelineEntry {
  readonly run: RunSummary;
  readonly step: Transition;
}

/** New steps since the last call, oldest first. */
export type ReadNew = () => Promise<readonly TimelineEntry[]>;

export function createTimeline(api: Api, pipeline: string): ReadNew {
  const seen = new Map<string, number>();
  const updated = new Map<string, string>();
  return async () => {
    const { runs } = await api.get<{ runs: RunSummary[] }>(`/v1/pipelines/${pipeline}/runs?limit=20`);
    const entries: TimelineEntry[] = [];
    for (const run of runs) {
      if (updated.get(run.runId) === run.updatedAt) continue;
      const { history } = await api.get<{ history: Transition[] }>(`/v1/runs/${run.runId}/history`);
      entries.push(...history.slice(seen.get(run.runId) ?? 0).map((step) => ({ run, step })));
      seen.set(run.runId, history.length);
      updated.set(run.runId, run.updatedAt);
    }
    return entries.sort((a, b) => (a.step.at < b.step.at ? -1 : Number(a.step.at > b.step.at)));
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const figure = (value: unknown): string => (typeof value === 'number' ? value.toFixed(3) : '–');

type Evidence = Record<string, unknown> & {
  dataset?: { rows: Record<string, number>; quarantined: number; version: string };
  training?: { job: string; attempt: number };
  gate?: { metric: string; candidate: number; champion?: number; rows: number };
  decision?: { verdict: string; reason: string };
};

/** What a step says to a person. */
export function sentenceOf({ run, step }: TimelineEntry): string {
  const evidence = (step.evidence ?? {}) as Evidence;
  switch (step.cause) {
    case 'data':
    case 'drift':
    case 'quality':
    case 'person':
      return run.cause.kind === 'data' ? 'new data' : run.cause.reason;
    case 'preparation-started':
      return 'cleaning';
    case 'dataset-prepared':
      return datasetSentence(evidence);
    case 'training-started':
      return `training job, attempt ${evidence.training?.attempt}`;
    case 'model-trained':
      return `model trained ${metricsOf(evidence.metrics)}`;
    case 'evaluation-started':
      return evidence.champion
        ? 'measuring against the champion on held-out rows'
        : 'measuring on held-out rows';
    case 'model-approved':
      return `gate passed: ${gateSentence(evidence)}`;
    case 'model-rejected':
      return `gate closed: ${text(evidence.reason)}`;
    case 'canary-started':
    case 'canary-advanced':
      return `canary with ${Math.round(Number(evidence.weight) * 100)} % of live traffic`;
    case 'canary-decided':
      return `canary verdict: ${evidence.decision?.verdict}: ${evidence.decision?.reason}`;
    case 'model-promoted':
      return evidence.replaced ? 'champion now, replacing the last one' : 'first champion';
    default:
      return evidence.reason ? text(evidence.reason) : step.cause;
  }
}

function datasetSentence({ dataset }: Evidence): string {
  if (!dataset) return 'dataset prepared';
  const { train = 0, validation = 0, test = 0 } = dataset.rows;
  return `dataset ${dataset.version.slice(0, 8)}: ${train} rows to train, ${validation} to validate, ${test} held out, ${dataset.quarantined} quarantined`;
}

function gateSentence({ gate }: Evidence): string {
  if (!gate) return '';
  const against = gate.champion === undefined ? '' : ` (champion ${figure(gate.champion)})`;
  return `${gate.metric} ${figure(gate.candidate)}${against} on ${gate.rows} rows`;
}

function metricsOf(metrics: unknown): string {
  const entries = Object.entries((metrics ?? {}) as Record<string, number>);
  return entries.length > 0
    ? `(${entries.map(([name, value]) => `${name} ${figure(value)}`).join(', ')})`
    : '';
}
