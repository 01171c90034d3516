/** The table's item store against dynalite, over DynamoDB's wire protocol, with the table of resources/storage.yml. */
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, type KeySchemaElement } from '@aws-sdk/client-dynamodb';
import { itemStoreSpec, type MakeStore } from './item-store.spec-of.ts';
import { createItemStore, dueIndex, listIndex } from './item-store.ts';

const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;
const tableName = 'ratchet-test';

const keys = (hash: string, range: string): KeySchemaElement[] => [
  { AttributeName: hash, KeyType: 'HASH' },
  { AttributeName: range, KeyType: 'RANGE' },
];
const index = (IndexName: string, hash: string, range: string, ProjectionType: 'ALL' | 'KEYS_ONLY') => ({
  IndexName,
  KeySchema: keys(hash, range),
  Projection: { ProjectionType },
});

describe('the item store of a DynamoDB table', () => {
  let server: Server;
  let client: DynamoDBClient;

  beforeAll(async () => {
    server = dynalite({ createTableMs: 0 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          ...['pk', 'sk', 'owner', 'listKey', 'listOrder'].map((AttributeName) => ({
            AttributeName,
            AttributeType: 'S' as const,
          })),
          { AttributeName: 'nextActionAt', AttributeType: 'N' },
        ],
        KeySchema: keys('pk', 'sk'),
        GlobalSecondaryIndexes: [
          index(dueIndex, 'owner', 'nextActionAt', 'KEYS_ONLY'),
          index(listIndex, 'listKey', 'listOrder', 'ALL'),
        ],
      }),
    );
  });

  afterAll(async () => {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const makeStore: MakeStore = (options) => createItemStore({ client, tableName, ...options });
  itemStoreSpec(makeStore);
});
