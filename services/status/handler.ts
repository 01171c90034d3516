import { createDynamoDbClient, createS3Client, createSageMakerClient } from '../../shared/aws/clients.ts';
import { createItemStore } from '../../shared/aws/item-store.ts';
import { handleHttp } from '../../shared/runtime/handle-http.ts';
import { createStatusPorts } from './adapters.ts';
import { config } from './config.ts';
import { buildOnRequest } from './on-request.ts';

const items = createItemStore({
  client: createDynamoDbClient(),
  tableName: config.tableName,
  owner: 'status',
  now: Date.now,
});

export const onRequest = handleHttp(
  buildOnRequest(
    createStatusPorts({
      items,
      sageMaker: createSageMakerClient(),
      s3: createS3Client(),
      stage: config.stage,
    }),
  ),
);
