import type { Page } from '../../shared/aws/item-store.ts';
import type { Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { DatasetRef, Run } from '../../shared/lifecycle/run.ts';
import type { SourceState } from '../../shared/lifecycle/source.ts';

/** One page of a list; `next` continues it. */
export interface PageQuery {
  readonly limit: number;
  readonly next?: string | undefined;
}

/** What the endpoint serves now, as SageMaker says. */
export interface ServingEndpoint {
  readonly name: string;
  readonly status: string;
  readonly configuration: string;
  readonly variants: readonly { readonly model: string; readonly weight: number }[];
}

export interface StatusPorts {
  pipelines(page: PageQuery): Promise<Page<Pipeline>>;
  pipeline(name: string): Promise<Pipeline | undefined>;
  /** What is known of its declared sources, and of those that it no longer declares. */
  sources(pipeline: string): Promise<readonly SourceState[]>;
  runs(pipeline: string, page: PageQuery): Promise<Page<Run>>;
  run(runId: string): Promise<Run | undefined>;
  datasets(pipeline: string, page: PageQuery): Promise<Page<DatasetRef>>;
  windows(pipeline: string, page: PageQuery): Promise<Page<unknown>>;
  monitor(pipeline: string): Promise<unknown>;
  endpoint(pipeline: string): Promise<ServingEndpoint | undefined>;
  /** A JSON report by its `s3://` address. */
  report(uri: string): Promise<unknown>;
}
