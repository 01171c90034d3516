import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import {
  createDynamoDbClient,
  createEcrClient,
  createEventBridgeClient,
  createS3Client,
  createSageMakerClient,
} from '../../shared/aws/clients.ts';
import { createServiceRuns } from '../../shared/aws/service-runs.ts';
import type { ObjectCreated } from '../../shared/contracts/aws-events.ts';
import {
  isDatasetReceivedV1,
  isDropManifest,
  isObjectCreated,
  isProcessingJobState,
  isRetrainingRequestedV1,
  isRunRequest,
} from '../../shared/contracts/generated/validators.mjs';
import type { RunRequest } from '../../shared/contracts/http.ts';
import { imageUri } from '../../shared/contracts/images.ts';
import { handleEvent, handleQueue, handleSchedule, validated } from '../../shared/runtime/handle-event.ts';
import { bodyText, handleHttp, parsedBody } from '../../shared/runtime/handle-http.ts';
import { createFetchHttps } from '../../shared/sources/https.ts';
import { createFetchS3 } from '../../shared/sources/object.ts';
import { createAddressRule } from '../../shared/sources/public-address.ts';
import { createCheckImage, createObjectStorage, withFolder } from './adapters.ts';
import { createProcessingJobs } from './adapters-processing.ts';
import { buildBeginRun, buildRefuse } from './begin-run.ts';
import { config } from './config.ts';
import { buildOnDatasetReceived } from './on-dataset-received.ts';
import { buildOnDrop, buildTakeDrop } from './on-drop.ts';
import { buildOnPipelineDeclared } from './on-pipeline-declared.ts';
import { buildOnProcessingJobState } from './on-processing-job-state.ts';
import { buildOnRetrainingRequested } from './on-retraining-requested.ts';
import { buildOnRunRequested } from './on-run-requested.ts';
import { buildOnSourceSchedule } from './on-source-schedule.ts';
import { buildOnSweep } from './on-sweep.ts';
import type { IngestPorts } from './ports.ts';
import { resourcesOf } from './prepare/session.ts';
import { buildPrepareRun } from './prepare-run.ts';
import { buildReadManifest } from './read-manifest.ts';
import { functionLimits, MOST_FUNCTION_SOURCE_BYTES } from './source-job.ts';
import { MOST_FUNCTION_BYTES } from './spark-job.ts';
import { buildTidyWork } from './work-folders.ts';

const s3 = createS3Client();
const sageMaker = createSageMakerClient();
const processing = createProcessingJobs(sageMaker, {
  roleArn: config.sageMakerRole,
  image: imageUri('spark', config),
});
const sourceJobs = createProcessingJobs(sageMaker, {
  roleArn: config.sourceRole,
  image: imageUri('source', config),
});
const ports: IngestPorts = {
  ...createServiceRuns({
    dynamo: createDynamoDbClient(),
    events: createEventBridgeClient(),
    tableName: config.tableName,
    busName: config.busName,
    service: 'ingest',
    now: Date.now,
  }),
  storage: createObjectStorage(s3),
  processing,
  sourceJobs,
  withFolder,
  resources: resourcesOf(config.memoryMib),
  settings: {
    ...config,
    sparkAboveBytes: config.sparkAboveBytes ?? MOST_FUNCTION_BYTES,
    sourceJobAboveBytes: config.sourceJobAboveBytes ?? MOST_FUNCTION_SOURCE_BYTES,
  },
  now: Date.now,
};
const begin = buildBeginRun(ports);
const take = buildTakeDrop({
  ports,
  begin,
  refuse: buildRefuse(ports),
  readManifest: buildReadManifest(isDropManifest),
});
const prepare = buildPrepareRun(ports);
const drop = buildOnDrop(ports, take);
const declare = buildOnPipelineDeclared(ports, createCheckImage(createEcrClient(), config.account));
const request = buildOnRunRequested(ports, begin);

const limits = functionLimits(ports.settings.sourceJobAboveBytes);
const pullSources = buildOnSourceSchedule(ports, {
  https: createFetchHttps({ isAllowed: createAddressRule(config.sourceNetworks), limits }),
  s3: createFetchS3(s3, limits),
});

const pipelineOf = (event: APIGatewayProxyEventV2): string => event.pathParameters?.pipeline ?? '';

export const onDrop = handleQueue((body) =>
  drop(validated<ObjectCreated>(isObjectCreated, (body as { detail?: unknown }).detail)),
);
export const onDatasetReceived = handleEvent({
  validate: isDatasetReceivedV1,
  handle: buildOnDatasetReceived(prepare),
});
export const onProcessingJobState = handleEvent({
  validate: isProcessingJobState,
  handle: buildOnProcessingJobState(processing, prepare, buildTidyWork(ports)),
});
export const onRetrainingRequested = handleEvent({
  validate: isRetrainingRequestedV1,
  handle: buildOnRetrainingRequested(ports, begin),
});
export const onPipelineDeclared = handleHttp((event) => declare(pipelineOf(event), bodyText(event)));
export const onRunRequested = handleHttp((event) =>
  request({
    pipeline: pipelineOf(event),
    body: parsedBody<RunRequest>(isRunRequest, event),
    callId: event.requestContext.requestId,
  }),
);
export const onSweep = handleSchedule(buildOnSweep({ ports, begin, take, prepare }));
export const onSourceSchedule = handleSchedule(pullSources);
