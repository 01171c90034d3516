import type { ServiceEvent } from '../../ports.ts';
import type { ContainerDefinition, ExecutionMode } from '../process/model-server.ts';
import type { Document } from '../store.ts';

export type EndpointStatus = 'Creating' | 'InService' | 'Updating' | 'Failed' | 'Deleting';

export interface DataCaptureConfig {
  readonly EnableCapture?: boolean;
  readonly InitialSamplingPercentage: number;
  readonly DestinationS3Uri: string;
  readonly KmsKeyId?: string;
  readonly CaptureOptions: readonly { readonly CaptureMode: 'Input' | 'Output' | 'InputAndOutput' }[];
  readonly CaptureContentTypeHeader?: {
    readonly CsvContentTypes?: readonly string[];
    readonly JsonContentTypes?: readonly string[];
  };
}

export interface ProductionVariant {
  readonly VariantName: string;
  readonly ModelName: string;
  readonly InitialInstanceCount?: number;
  readonly InstanceType?: string;
  readonly InitialVariantWeight?: number;
  readonly ContainerStartupHealthCheckTimeoutInSeconds?: number;
}

export interface EndpointConfig extends Document {
  readonly request: {
    readonly ProductionVariants: readonly ProductionVariant[];
    readonly DataCaptureConfig?: DataCaptureConfig;
  };
}

/** A variant with all that is needed to serve it, so that a fleet outlives its configuration and models. */
export interface VariantSpec {
  readonly name: string;
  readonly containers: readonly ContainerDefinition[];
  readonly mode: ExecutionMode;
  /** Names the model's bytes: equal keys are served by the same process when a fleet is replaced. */
  readonly key: string;
  readonly startupTimeoutMs: number;
}

export interface FleetSpec {
  readonly configName: string;
  readonly variants: readonly VariantSpec[];
  readonly capture?: DataCaptureConfig;
  readonly resolvedAt: number;
}

export interface VariantState {
  readonly CurrentWeight: number;
  readonly DesiredWeight: number;
  readonly CurrentInstanceCount: number;
  readonly DesiredInstanceCount: number;
}

export type VariantStates = Readonly<Record<string, VariantState>>;

export interface Endpoint extends Document {
  readonly EndpointStatus: EndpointStatus;
  readonly LastModifiedTime: number;
  readonly FailureReason?: string;
  /** What serves; absent until the first deployment has succeeded. */
  readonly fleet?: FleetSpec;
  readonly states: VariantStates;
  /** What is being brought up. */
  readonly pending?: {
    readonly configName: string;
    readonly states: VariantStates;
    readonly StartTime: number;
  };
}

export function statesOf(variants: readonly ProductionVariant[]): VariantStates {
  return Object.fromEntries(
    variants.map((variant) => {
      const weight = variant.InitialVariantWeight ?? 1;
      const count = variant.InitialInstanceCount ?? 1;
      const state = {
        CurrentWeight: weight,
        DesiredWeight: weight,
        CurrentInstanceCount: count,
        DesiredInstanceCount: count,
      };
      return [variant.VariantName, state];
    }),
  );
}

/** `SageMaker Endpoint State Change`: times are epoch-ms numbers, the status is in UPPER_SNAKE. */
export function endpointEvent(endpoint: Endpoint, tags: Readonly<Record<string, string>>): ServiceEvent {
  return {
    source: 'aws.sagemaker',
    detailType: 'SageMaker Endpoint State Change',
    resources: [endpoint.arn],
    time: endpoint.LastModifiedTime,
    detail: {
      EndpointName: endpoint.name,
      EndpointArn: endpoint.arn,
      EndpointConfigName: endpoint.fleet?.configName ?? endpoint.pending?.configName ?? '',
      ProductionVariants: Object.values(endpoint.states).map(({ DesiredWeight, DesiredInstanceCount }) => ({
        DesiredWeight,
        DesiredInstanceCount,
      })),
      EndpointStatus: endpoint.EndpointStatus.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase(),
      ...(endpoint.FailureReason === undefined ? {} : { FailureReason: endpoint.FailureReason }),
      CreationTime: endpoint.CreationTime,
      LastModifiedTime: endpoint.LastModifiedTime,
      Tags: tags,
    },
  };
}
