/** What every service needs of the table and the bus, introduced to each other. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Service } from '../contracts/events.ts';
import { createItemStore, type ItemStore } from './item-store.ts';
import { createPublisher, type PublishPending } from './publisher.ts';
import { createRunStore, type RunStore } from './run-store.ts';

export function createServiceRuns(options: {
  dynamo: DynamoDBClient;
  events: EventBridgeClient;
  tableName: string;
  busName: string;
  service: Service;
  now: () => number;
}): { items: ItemStore; publish: PublishPending; runs: RunStore } {
  const { dynamo, events, tableName, busName, service, now } = options;
  const items = createItemStore({ client: dynamo, tableName, owner: service, now });
  const publish = createPublisher({ client: events, busName, store: items });
  return { items, publish, runs: createRunStore({ items, publish, now }) };
}
