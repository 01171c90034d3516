import type { Fact, FactOf } from './facts.ts';
import { moves } from './moves.ts';
import type { Phase, Run, RunIn, Transition } from './run.ts';

/** A fact that the table of moves does not allow in the run's phase. */
export class IllegalMove extends Error {
  readonly code = 'IllegalMove';
  constructor(phase: Phase, fact: Fact['kind']) {
    super(`A run that is ${phase} cannot take "${fact}"`);
  }
}

export const isLegal = (phase: Phase, fact: Fact['kind']): boolean => moves[phase][fact] !== undefined;

/** The run after a fact: version + 1, the transition kept in its history. Throws IllegalMove. */
export function evolve(run: Run, fact: Fact, at: number): Run {
  const phase = moves[run.phase][fact.kind];
  if (!phase) throw new IllegalMove(run.phase, fact.kind);
  const version = run.version + 1;
  const time = new Date(at).toISOString();
  const step: Transition = { version, phase, at: time, cause: fact.kind, ...evidenceOf(fact) };
  return {
    ...run,
    ...changes(run, fact, at),
    version,
    updatedAt: time,
    // A look at a canary is no transition; what it saw stays in the canary itself.
    history: fact.kind === 'canary-observed' ? run.history : [...run.history, step],
  } as Run;
}

function evidenceOf(fact: Fact): { evidence?: Record<string, unknown> } {
  const { kind: _, ...evidence } = fact;
  return Object.keys(evidence).length > 0 ? { evidence: compact(fact) } : {};
}

/** The history keeps what a reader needs; what is large is pointed at. */
function compact(fact: Fact): Record<string, unknown> {
  switch (fact.kind) {
    case 'canary-started':
    case 'canary-advanced':
      return { champion: fact.canary.champion.name, weight: fact.canary.weight };
    case 'evaluation-started':
      return {
        round: fact.evaluation.round,
        ...(fact.evaluation.champion ? { champion: fact.evaluation.champion.name } : {}),
      };
    default: {
      const { kind: _, ...rest } = fact;
      return rest;
    }
  }
}

type Changes = Partial<RunIn<Phase>> & { phase: Phase };

function changes(run: Run, fact: Fact, at: number): Changes | Record<string, unknown> {
  switch (fact.kind) {
    case 'preparation-started':
      return { phase: 'preparing', startedAt: at };
    case 'dataset-prepared':
      return { phase: 'prepared', dataset: fact.dataset };
    case 'data-rejected':
      return { ...dataRefused(fact), phase: 'rejected', stage: 'data' };
    case 'training-started':
      return { phase: 'training', training: fact.training };
    case 'model-trained':
      return { phase: 'trained', model: fact.model };
    case 'evaluation-started':
      return { phase: 'evaluating', evaluation: fact.evaluation, gate: undefined };
    case 'model-approved':
      return { phase: 'approved', gate: fact.gate };
    case 'model-rejected':
      return { phase: 'rejected', stage: 'model', gate: fact.gate, reason: fact.reason };
    case 'canary-started':
    case 'canary-advanced':
      return { phase: 'canary', canary: fact.canary };
    case 'canary-observed':
    case 'canary-decided':
      return { phase: 'canary', canary: { ...(run as RunIn<'canary'>).canary, ...canaryChanges(fact) } };
    default:
      return ending(fact);
  }
}

const dataRefused = ({ kind: _, ...told }: FactOf<'data-rejected'>) => told;

function canaryChanges(fact: FactOf<'canary-observed' | 'canary-decided'>) {
  return fact.kind === 'canary-decided'
    ? { decision: fact.decision }
    : { evidence: fact.evidence, extended: fact.extended };
}

type EndingFact = FactOf<
  'model-promoted' | 'canary-rolled-back' | 'run-superseded' | 'run-failed' | 'run-cancelled'
>;

function ending(fact: EndingFact): Changes | Record<string, unknown> {
  switch (fact.kind) {
    case 'model-promoted':
      return { phase: 'promoted', ...(fact.replaced ? { replaced: fact.replaced } : {}) };
    case 'canary-rolled-back':
      return { phase: 'rolled-back', reason: fact.reason };
    case 'run-superseded':
      return { phase: 'superseded', by: fact.by, reason: `superseded by the newer run ${fact.by}` };
    case 'run-failed':
      return { phase: 'failed', stage: fact.stage, reason: fact.reason };
    case 'run-cancelled':
      return { phase: 'cancelled', reason: fact.reason };
    default:
      return fact satisfies never;
  }
}
