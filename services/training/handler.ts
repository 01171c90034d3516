import {
  createDynamoDbClient,
  createEventBridgeClient,
  createSageMakerClient,
} from '../../shared/aws/clients.ts';
import { createServiceRuns } from '../../shared/aws/service-runs.ts';
import { createSlotKeeper } from '../../shared/aws/slot-keeper.ts';
import { isDatasetPreparedV1, isTrainingJobState } from '../../shared/contracts/generated/validators.mjs';
import { handleEvent, handleSchedule } from '../../shared/runtime/handle-event.ts';
import { createRunOfJob, createTrainingJobs } from './adapters.ts';
import { config } from './config.ts';
import { buildOnDatasetPrepared } from './on-dataset-prepared.ts';
import { buildOnSweep } from './on-sweep.ts';
import { buildOnTrainingJobState } from './on-training-job-state.ts';
import { buildReconcile } from './reconcile.ts';

const sageMaker = createSageMakerClient();
const { runs } = createServiceRuns({
  dynamo: createDynamoDbClient(),
  events: createEventBridgeClient(),
  tableName: config.tableName,
  busName: config.busName,
  service: 'training',
  now: Date.now,
});
const reconcile = buildReconcile({
  runs,
  slots: createSlotKeeper(runs),
  jobs: createTrainingJobs(sageMaker, config.sageMakerRoleArn),
  settings: config,
});

export const onDatasetPrepared = handleEvent({
  validate: isDatasetPreparedV1,
  handle: buildOnDatasetPrepared(reconcile),
});
export const onTrainingJobState = handleEvent({
  validate: isTrainingJobState,
  handle: buildOnTrainingJobState(createRunOfJob(sageMaker), reconcile),
});
export const onSweep = handleSchedule(buildOnSweep({ runs }, reconcile));
