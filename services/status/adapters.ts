import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  DescribeEndpointCommand,
  type SageMakerClient,
  SageMakerServiceException,
} from '@aws-sdk/client-sagemaker';
import type { ItemStore } from '../../shared/aws/item-store.ts';
import {
  datasetList,
  monitorKey,
  pipelineKey,
  pipelineList,
  runKey,
  runList,
  sourceKey,
  sourcePrefix,
  windowList,
} from '../../shared/aws/keys.ts';
import { endpointName, pipelineOfRun } from '../../shared/contracts/names.ts';
import { parseS3Uri } from '../../shared/contracts/s3-uri.ts';
import type { Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { Run } from '../../shared/lifecycle/run.ts';
import type { SourceState } from '../../shared/lifecycle/source.ts';
import type { StatusPorts } from './ports.ts';

export function createStatusPorts(options: {
  items: ItemStore;
  sageMaker: SageMakerClient;
  s3: S3Client;
  stage: string;
}): StatusPorts {
  const { items, sageMaker, s3, stage } = options;
  return {
    pipelines: (page) => items.list<Pipeline>(pipelineList, { ...page, oldestFirst: true }),
    pipeline: async (name) => (await items.load<Pipeline>(pipelineKey(name)))?.state,
    sources: (pipeline) => items.beneath<SourceState>(sourceKey(pipeline, '').pk, sourcePrefix),
    runs: (pipeline, page) => items.list<Run>(runList(pipeline), page),
    run: async (runId) => {
      const pipeline = pipelineOfRun(runId);
      return pipeline ? (await items.load<Run>(runKey(pipeline, runId)))?.state : undefined;
    },
    datasets: (pipeline, page) => items.list(datasetList(pipeline), page),
    windows: (pipeline, page) => items.list(windowList(pipeline), page),
    monitor: async (pipeline) => (await items.load<unknown>(monitorKey(pipeline)))?.state,
    endpoint: async (pipeline) => {
      try {
        const found = await sageMaker.send(
          new DescribeEndpointCommand({ EndpointName: endpointName(stage, pipeline) }),
        );
        return {
          name: found.EndpointName ?? '',
          status: found.EndpointStatus ?? '',
          configuration: found.EndpointConfigName ?? '',
          variants: (found.ProductionVariants ?? []).map((v) => ({
            model: v.VariantName ?? '',
            weight: v.CurrentWeight ?? 0,
          })),
        };
      } catch (error) {
        if (error instanceof SageMakerServiceException && error.name === 'ValidationException')
          return undefined;
        throw error;
      }
    },
    report: async (uri) => {
      const { bucket: Bucket, key: Key } = parseS3Uri(uri);
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return JSON.parse((await Body?.transformToString()) ?? 'null');
    },
  };
}
