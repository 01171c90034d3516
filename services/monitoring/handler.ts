import { createDynamoDbClient, createEventBridgeClient, createS3Client } from '../../shared/aws/clients.ts';
import { createServiceRuns } from '../../shared/aws/service-runs.ts';
import { handleQueue, handleSchedule } from '../../shared/runtime/handle-event.ts';
import { createObjects } from './adapters.ts';
import { config } from './config.ts';
import { createFactFinder } from './facts.ts';
import { createInTurn } from './in-turn.ts';
import { createKeeper } from './keeper.ts';
import { buildOnCapture } from './on-capture.ts';
import { buildOnGroundTruth } from './on-ground-truth.ts';
import { buildOnSweep } from './on-sweep.ts';
import type { MonitoringPorts } from './ports.ts';
import { buildReconcile, type Workings } from './reconcile.ts';

const { items, publish } = createServiceRuns({
  dynamo: createDynamoDbClient(),
  events: createEventBridgeClient(),
  tableName: config.tableName,
  busName: config.busName,
  service: 'monitoring',
  now: Date.now,
});
const ports: MonitoringPorts = {
  items,
  publish,
  objects: createObjects(createS3Client()),
  settings: config,
  now: Date.now,
};
const workings: Workings = {
  keeper: createKeeper(ports),
  facts: createFactFinder(ports),
  inTurn: createInTurn(),
};
const reconcile = buildReconcile(ports, workings);

export const onCapture = handleQueue(buildOnCapture(ports, workings, reconcile));
export const onGroundTruth = handleQueue(buildOnGroundTruth(ports, workings, reconcile));
export const onSweep = handleSchedule(buildOnSweep(ports, reconcile));
