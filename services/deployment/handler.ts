import {
  createCloudWatchClient,
  createDynamoDbClient,
  createEventBridgeClient,
  createS3Client,
  createSageMakerClient,
  createSqsClient,
} from '../../shared/aws/clients.ts';
import { createServiceRuns } from '../../shared/aws/service-runs.ts';
import { createSlotKeeper } from '../../shared/aws/slot-keeper.ts';
import {
  isEndpointState,
  isModelApprovedV1,
  isModelTrainedV1,
  isTransformJobState,
} from '../../shared/contracts/generated/validators.mjs';
import { imageUri } from '../../shared/contracts/images.ts';
import { handleEvent, handleQueue, handleSchedule } from '../../shared/runtime/handle-event.ts';
import { createLiveMetrics, createReports, createWish } from './adapters.ts';
import { createEndpointChanges, createEndpoints } from './adapters-endpoints.ts';
import { createPredictions } from './adapters-predictions.ts';
import { config } from './config.ts';
import { buildOnEndpointState } from './on-endpoint-state.ts';
import { buildOnEndpointWish } from './on-endpoint-wish.ts';
import { buildOnModelApproved } from './on-model-approved.ts';
import { buildOnModelTrained } from './on-model-trained.ts';
import { buildOnSweep } from './on-sweep.ts';
import { buildOnTransformJobState } from './on-transform-job-state.ts';
import type { DeploymentPorts } from './ports.ts';
import { buildReconcile } from './reconcile.ts';

const now = Date.now;
const sageMaker = createSageMakerClient();
const { runs } = createServiceRuns({
  dynamo: createDynamoDbClient(),
  events: createEventBridgeClient(),
  tableName: config.tableName,
  busName: config.busName,
  service: 'deployment',
  now,
});
const ports: DeploymentPorts = {
  runs,
  slots: createSlotKeeper(runs),
  predictions: createPredictions(sageMaker, config.sageMakerRoleArn, imageUri('features', config)),
  reports: createReports(createS3Client(), config.artifactsBucket),
  endpoints: createEndpoints(sageMaker),
  metrics: createLiveMetrics(createCloudWatchClient(), now),
  wish: createWish(createSqsClient(), config.wishQueueUrl),
  settings: config,
  now,
};
const reconcile = buildReconcile(ports);

export const onModelTrained = handleEvent({
  validate: isModelTrainedV1,
  handle: buildOnModelTrained(reconcile),
});
export const onTransformJobState = handleEvent({
  validate: isTransformJobState,
  handle: buildOnTransformJobState(ports.predictions, reconcile),
});
export const onModelApproved = handleEvent({
  validate: isModelApprovedV1,
  handle: buildOnModelApproved(reconcile),
});
export const onEndpointState = handleEvent({
  validate: isEndpointState,
  handle: buildOnEndpointState(config.stage, ports.wish),
});
const fulfil = buildOnEndpointWish(ports, createEndpointChanges(sageMaker), reconcile);
export const onEndpointWish = handleQueue((body) => fulfil((body as { pipeline: string }).pipeline));
export const onSweep = handleSchedule(buildOnSweep(ports, reconcile));
