import type { RunStore } from '../../shared/aws/run-store.ts';
import type { SlotKeeper } from '../../shared/aws/slot-keeper.ts';
import type { DesiredVariant } from '../../shared/lifecycle/pipeline.ts';
import type { ModelRef } from '../../shared/lifecycle/run.ts';
import type { MinuteBlock } from './canary-evidence.ts';

export interface DeploymentSettings {
  readonly stage: string;
  readonly account: string;
  readonly region: string;
  readonly artifactsBucket: string;
}

/** A prediction of the held-out split by one model. `input` and `output` are `s3://` addresses. */
export interface PredictionOrder {
  readonly name: string;
  readonly runId: string;
  readonly model: ModelRef;
  readonly instance: string;
  readonly input: string;
  readonly output: string;
}

export interface PredictionState {
  readonly status: 'running' | 'completed' | 'failed';
  readonly reason: string;
  readonly runId?: string;
}

/** `refused`: SageMaker will not take the order, and repeating it would not help. */
export type OrderAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: string };

export interface Predictions {
  describe(name: string): Promise<PredictionState | undefined>;
  /** Makes sure that the model is there, then starts the job; a name that is taken counts as accepted. */
  start(order: PredictionOrder): Promise<OrderAnswer>;
}

export interface Reports {
  /** The text of a small object. Throws when it is not there. */
  read(uri: string): Promise<string>;
  /** Writes a report under `reports/`; answers its address. */
  write(key: string, report: unknown): Promise<string>;
}

export interface EndpointState {
  readonly status: 'in-service' | 'busy' | 'failed';
  readonly configName: string;
  readonly reason: string;
  /** Variant (model) name → its current weight. */
  readonly weights: Readonly<Record<string, number>>;
}

export interface EndpointConfig {
  readonly name: string;
  readonly variants: readonly DesiredVariant[];
  readonly instance: string;
  readonly instances: number;
  readonly capturePercent: number;
  readonly captureTo: string;
}

export interface Endpoints {
  describe(endpoint: string): Promise<EndpointState | undefined>;
}

/** Only the handler of endpoint wishes holds this. */
export interface EndpointChanges {
  create(endpoint: string, config: EndpointConfig): Promise<OrderAnswer>;
  replace(endpoint: string, config: EndpointConfig): Promise<OrderAnswer>;
  weigh(endpoint: string, weights: Readonly<Record<string, number>>): Promise<OrderAnswer>;
}

export interface LiveMetrics {
  /** One block a minute, from the minute that holds `from` (epoch ms) until now. */
  minuteBlocks(query: {
    endpoint: string;
    challenger: string;
    champion: string;
    from: number;
  }): Promise<readonly MinuteBlock[]>;
}

export interface DeploymentPorts {
  readonly runs: RunStore;
  readonly slots: SlotKeeper;
  readonly predictions: Predictions;
  readonly reports: Reports;
  readonly endpoints: Endpoints;
  readonly metrics: LiveMetrics;
  /** Asks the one who changes endpoints to bring the pipeline's to its desired state. */
  readonly wish: (pipeline: string) => Promise<void>;
  readonly settings: DeploymentSettings;
  readonly now: () => number;
}
