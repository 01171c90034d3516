import type { AsideRows } from '../contracts/aside-rows.ts';
import type {
  Canary,
  CanaryEvidence,
  DatasetRef,
  Evaluation,
  GateEvidence,
  ModelRef,
  TrainingJob,
} from './run.ts';

/** What may happen to a run. A fact is data that was observed; `evolve` says what it makes of the run. */
export type Fact =
  | { readonly kind: 'preparation-started' }
  | { readonly kind: 'dataset-prepared'; readonly dataset: DatasetRef }
  | {
      readonly kind: 'data-rejected';
      readonly reason: string;
      readonly quarantine?: string;
      readonly aside?: readonly AsideRows[];
    }
  | { readonly kind: 'training-started'; readonly training: TrainingJob }
  | { readonly kind: 'model-trained'; readonly model: ModelRef; readonly metrics: Record<string, number> }
  | { readonly kind: 'evaluation-started'; readonly evaluation: Evaluation }
  | { readonly kind: 'model-approved'; readonly gate: GateEvidence }
  | { readonly kind: 'model-rejected'; readonly gate: GateEvidence; readonly reason: string }
  | { readonly kind: 'canary-started'; readonly canary: Canary }
  | { readonly kind: 'canary-observed'; readonly evidence: CanaryEvidence; readonly extended: boolean }
  | { readonly kind: 'canary-advanced'; readonly canary: Canary }
  | { readonly kind: 'canary-decided'; readonly decision: NonNullable<Canary['decision']> }
  | { readonly kind: 'model-promoted'; readonly replaced?: string }
  | { readonly kind: 'canary-rolled-back'; readonly reason: string }
  | { readonly kind: 'run-superseded'; readonly by: string }
  | { readonly kind: 'run-failed'; readonly stage: string; readonly reason: string }
  | { readonly kind: 'run-cancelled'; readonly reason: string };

export type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;
