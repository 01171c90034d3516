import type { Fact } from './facts.ts';
import type { Phase } from './run.ts';

export const phases = [
  'received',
  'preparing',
  'prepared',
  'training',
  'trained',
  'evaluating',
  'approved',
  'canary',
  'promoted',
  'rejected',
  'rolled-back',
  'failed',
  'cancelled',
  'superseded',
] as const satisfies readonly Phase[];

export const terminalPhases = [
  'promoted',
  'rejected',
  'rolled-back',
  'failed',
  'cancelled',
  'superseded',
] as const;

export const isTerminal = (phase: Phase): boolean => (terminalPhases as readonly Phase[]).includes(phase);

type Moves = Readonly<Partial<Record<Fact['kind'], Phase>>>;

const anyTime = { 'run-failed': 'failed', 'run-cancelled': 'cancelled' } as const satisfies Moves;

/** The table of legal moves: from a phase, a fact leads to a phase. What is not here cannot happen. */
export const moves: Readonly<Record<Phase, Moves>> = {
  received: { 'preparation-started': 'preparing', 'data-rejected': 'rejected', ...anyTime },
  preparing: {
    'preparation-started': 'preparing',
    'dataset-prepared': 'prepared',
    'data-rejected': 'rejected',
    ...anyTime,
  },
  prepared: { 'training-started': 'training', 'run-superseded': 'superseded', ...anyTime },
  training: { 'training-started': 'training', 'model-trained': 'trained', ...anyTime },
  trained: { 'evaluation-started': 'evaluating', ...anyTime },
  evaluating: {
    'evaluation-started': 'evaluating',
    'model-approved': 'approved',
    'model-rejected': 'rejected',
    ...anyTime,
  },
  approved: {
    'evaluation-started': 'evaluating',
    'canary-started': 'canary',
    'model-promoted': 'promoted',
    'run-superseded': 'superseded',
    ...anyTime,
  },
  canary: {
    'canary-observed': 'canary',
    'canary-advanced': 'canary',
    'canary-decided': 'canary',
    'model-promoted': 'promoted',
    'canary-rolled-back': 'rolled-back',
    ...anyTime,
  },
  promoted: {},
  rejected: {},
  'rolled-back': {},
  failed: {},
  cancelled: {},
  superseded: {},
};
