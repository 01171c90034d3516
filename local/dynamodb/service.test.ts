import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { createDynamoDb, type DynamoDbService } from './service.ts';

const TABLE = {
  TableName: 'runs',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'due', AttributeType: 'N' },
  ],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byDue',
      KeySchema: [{ AttributeName: 'due', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};

let dir: string;
let dynamo: DynamoDbService;
let server: Server;
let client: DynamoDBClient;

const connectTo = (port: number) =>
  new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'dynamodb-'));
  dynamo = createDynamoDb({ dir });
  server = createServer((req, res) => {
    void dynamo.handle({ req, res, url: new URL('http://127.0.0.1/'), accessKeyId: 'a', requestId: 'r' });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connectTo((server.address() as AddressInfo).port);
});

afterEach(async () => {
  client.destroy();
  server.close();
  server.closeAllConnections();
  await dynamo.close();
  rmSync(dir, { recursive: true, force: true });
});

const item = { pk: { S: 'a' }, due: { N: '7' } };
const onlyNew = { TableName: 'runs', Item: item, ConditionExpression: 'attribute_not_exists(pk)' };

it('keeps tables and items across a restart, and creating a table again changes nothing', async () => {
  await dynamo.createTable(TABLE);
  await client.send(new PutItemCommand(onlyNew));
  await dynamo.close();
  dynamo = createDynamoDb({ dir });
  await dynamo.createTable(TABLE);
  const found = await client.send(
    new GetItemCommand({ TableName: 'runs', Key: { pk: { S: 'a' } }, ConsistentRead: true }),
  );
  expect(found.Item).toEqual(item);
});

it('honours conditions and indexes', async () => {
  await dynamo.createTable(TABLE);
  const writers = Array.from({ length: 10 }, () => client.send(new PutItemCommand(onlyNew)));
  const outcomes = await Promise.allSettled(writers);
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  const lost = outcomes.find((outcome) => outcome.status === 'rejected');
  expect(lost?.reason).toMatchObject({ name: 'ConditionalCheckFailedException' });
  const query = {
    TableName: 'runs',
    IndexName: 'byDue',
    KeyConditionExpression: 'due = :d',
    ExpressionAttributeValues: { ':d': { N: '7' } },
  };
  expect((await client.send(new QueryCommand(query))).Items).toEqual([item]);
});

it('refuses a table that makes no sense with the reason', async () => {
  await expect(dynamo.createTable({ ...TABLE, KeySchema: [] })).rejects.toThrow(
    /DynamoDB CreateTable: .*keySchema/i,
  );
});

it('survives a client that breaks off in the middle of its request', async () => {
  await dynamo.createTable(TABLE);
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\nx-amz-target: DynamoDB_20120810.PutItem\r\n\r\n{"Tab',
  );
  const [request] = (await once(server, 'request')) as [{ on: (name: string, listener: () => void) => void }];
  socket.destroy();
  await new Promise<void>((resolve) => request.on('close', resolve));
  await expect(client.send(new PutItemCommand(onlyNew))).resolves.toBeDefined();
});

it('after kill -9 has every write that was acknowledged', async () => {
  await dynamo.createTable(TABLE);
  await dynamo.close();
  const script = `
    import { createServer } from 'node:http';
    import { createDynamoDb } from ${JSON.stringify(new URL('./service.ts', import.meta.url).href)};
    const dynamo = createDynamoDb({ dir: ${JSON.stringify(dir)} });
    const server = createServer((req, res) => void dynamo.handle({ req, res, requestId: 'r' }));
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  const mortal = connectTo(Number(port));
  const acknowledged: string[] = [];
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; ; n++) {
      const pk = `${writer}-${n}`;
      await mortal.send(new PutItemCommand({ TableName: 'runs', Item: { ...item, pk: { S: pk } } }));
      acknowledged.push(pk);
      if (acknowledged.length === 400) child.kill('SIGKILL');
    }
  };
  await Promise.allSettled([0, 1, 2, 3].map(write));
  mortal.destroy();
  dynamo = createDynamoDb({ dir });
  const found = new Set<string | undefined>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName: 'runs', ConsistentRead: true }))
    for (const { pk } of Items) found.add(pk?.S);
  expect(acknowledged.length).toBeGreaterThanOrEqual(400);
  expect(acknowledged.filter((pk) => !found.has(pk))).toEqual([]);
});

it.each(['DeleteTable', 'BatchWriteItem', '__proto__'])(
  'does not offer %s, which nobody calls',
  async (action) => {
    const { port } = server.address() as AddressInfo;
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${action}`,
    };
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers, body: '{}' });
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        __type: 'UnknownOperationException',
        message: `The embedded cloud does not offer DynamoDB_20120810.${action}.`,
      },
    ]);
  },
);

describe('the indexes after a kill in the middle of a write', () => {
  const level = createRequire(createRequire(import.meta.url).resolve('dynalite'))('level') as {
    Level: new (
      path: string,
    ) => {
      clear(range: { readonly gte: string; readonly lt: string }): Promise<void>;
      close(): Promise<void>;
    };
  };
  const due = async () => {
    const found = await client.send(
      new QueryCommand({
        TableName: 'runs',
        IndexName: 'byDue',
        KeyConditionExpression: 'due = :d',
        ExpressionAttributeValues: { ':d': { N: '7' } },
      }),
    );
    return (found.Items ?? []).map(({ pk }) => pk?.S).sort();
  };

  /** The entries of the index go, as they do when a process is killed between an index's write and the item's. */
  async function loseEntries(wasKilled: boolean): Promise<void> {
    await dynamo.close();
    const db = new level.Level(join(dir, 'leveldb'));
    await db.clear({ gte: 'index-global~runs~byDue~', lt: 'index-global~runs~byDue~~' });
    await db.close();
    if (wasKilled) writeFileSync(join(dir, 'open'), '');
    dynamo = createDynamoDb({ dir });
    await dynamo.createTable(TABLE);
  }

  beforeEach(async () => {
    await dynamo.createTable(TABLE);
    for (const pk of ['a', 'b'])
      await client.send(
        new PutItemCommand({
          TableName: 'runs',
          Item: { pk: { S: pk }, due: { N: '7' }, state: { S: 'x' } },
        }),
      );
    await client.send(new PutItemCommand({ TableName: 'runs', Item: { pk: { S: 'not due' } } }));
    expect(await due()).toEqual(['a', 'b']);
  });

  it('are whole again', async () => {
    await loseEntries(true);
    expect(await due()).toEqual(['a', 'b']);
  });

  it('are not looked through when the process before had ended as it should', async () => {
    await loseEntries(false);
    expect(await due()).toEqual([]);
  });
});
