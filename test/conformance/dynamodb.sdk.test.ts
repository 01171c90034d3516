/** DynamoDB by AWS SDK v3. */
import {
  BatchGetItemCommand as BatchGetItem,
  DeleteTableCommand as DeleteTable,
  DescribeTableCommand as DescribeTable,
  DynamoDBClient,
  GetItemCommand as GetItem,
  ListTablesCommand as ListTables,
  PutItemCommand as PutItem,
  type PutItemCommandInput,
  paginateScan,
  QueryCommand as Query,
  TransactWriteItemsCommand as TransactWriteItems,
  UpdateItemCommand as UpdateItem,
} from '@aws-sdk/client-dynamodb';
import { startTable, TABLE } from './dynamodb.table.ts';
import type { BareCloud } from './support/bare-cloud.ts';

let cloud: BareCloud;
let dynamodb: DynamoDBClient;

beforeAll(async () => {
  cloud = await startTable();
  dynamodb = new DynamoDBClient({ ...cloud.client, maxAttempts: 1 });
});

afterAll(async () => {
  dynamodb?.destroy();
  await cloud?.close();
});

const keyOf = (pk: string, sk = 'state') => ({ pk: { S: pk }, sk: { S: sk } });
const put = (Item: PutItemCommandInput['Item'], more: Partial<PutItemCommandInput> = {}) =>
  dynamodb.send(new PutItem({ TableName: TABLE, Item, ...more }));
const get = async (pk: string, sk?: string) =>
  (await dynamodb.send(new GetItem({ TableName: TABLE, Key: keyOf(pk, sk), ConsistentRead: true }))).Item;
const isNew = { ConditionExpression: 'attribute_not_exists(pk)' };

it('has the table of the template, with its indexes', async () => {
  const { Table } = await dynamodb.send(new DescribeTable({ TableName: TABLE }));
  expect(Table).toMatchObject({
    TableStatus: 'ACTIVE',
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  });
  const indexes = Table?.GlobalSecondaryIndexes?.map(({ IndexName, Projection }) => [
    IndexName,
    Projection?.ProjectionType,
  ]);
  expect(Object.fromEntries(indexes ?? [])).toEqual({ due: 'KEYS_ONLY', list: 'ALL' });
  expect((await dynamodb.send(new ListTables())).TableNames).toEqual([TABLE]);
});

it.each([
  '12345678901234567890123456789012345678',
  '-0.00012345678901234567890123456789012345678',
  '9.9999999999999999999999999999999999999E+125',
])('keeps all 38 digits of %s', async (N) => {
  await put({ ...keyOf('number'), n: { N } });
  const kept = (await get('number'))?.n?.N ?? '';
  const digits = (text: string) => text.replace(/E.*$/, '').replace(/^-?0?\.?0*|\.|0+$/g, '');
  expect(digits(kept)).toBe(digits(N));
  expect(Number(kept)).toBe(Number(N));
});

it('keeps every type of value', async () => {
  const item = {
    ...keyOf('types'),
    s: { S: 'grüße \u{1F600}' },
    b: { B: new Uint8Array([0, 255]) },
    m: { M: { yes: { BOOL: true }, none: { NULL: true } } },
    l: { L: [{ N: '1' }, { S: '' }] },
    ss: { SS: ['a', 'b'] },
    ns: { NS: ['1', '2.5'] },
  };
  await put(item);
  expect(await get('types')).toEqual(item);
});

it('lets one of twenty racing writers win', async () => {
  const writers = Array.from({ length: 20 }, (_, n) => put({ ...keyOf('race'), n: { N: `${n}` } }, isNew));
  const outcomes = await Promise.allSettled(writers);
  const winners = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []));
  expect(winners).toHaveLength(1);
  expect(await get('race')).toMatchObject({ n: { N: `${winners[0]}` } });
  for (const outcome of outcomes)
    if (outcome.status === 'rejected')
      expect(outcome.reason).toMatchObject({
        name: 'ConditionalCheckFailedException',
        message: 'The conditional request failed',
        $metadata: { httpStatusCode: 400 },
      });
});

it('updates by version, and a loser changes nothing', async () => {
  await put({ ...keyOf('versioned'), version: { N: '1' }, pending: { M: { a: { S: '1' } } } });
  const update = (expected: string) =>
    dynamodb.send(
      new UpdateItem({
        TableName: TABLE,
        Key: keyOf('versioned'),
        UpdateExpression: 'SET #v = #v + :one, #p.#b = :b REMOVE #p.#a',
        ConditionExpression: '#v = :expected',
        ExpressionAttributeNames: { '#v': 'version', '#p': 'pending', '#a': 'a', '#b': 'b' },
        ExpressionAttributeValues: { ':one': { N: '1' }, ':b': { S: '2' }, ':expected': { N: expected } },
        ReturnValues: 'ALL_NEW',
      }),
    );
  const after = { ...keyOf('versioned'), version: { N: '2' }, pending: { M: { b: { S: '2' } } } };
  expect((await update('1')).Attributes).toEqual(after);
  await expect(update('1')).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  expect(await get('versioned')).toEqual(after);
});

it('reads many items at once, says nothing of those that are not there, and refuses a key that is named twice', async () => {
  const there = Array.from({ length: 60 }, (_, n) => ({ ...keyOf('batch', `seen#${n}`), n: { N: `${n}` } }));
  for (const item of there) await put(item);
  const read = (Keys: ReturnType<typeof keyOf>[]) =>
    dynamodb.send(new BatchGetItem({ RequestItems: { [TABLE]: { Keys, ConsistentRead: true } } }));
  const { Responses, UnprocessedKeys } = await read(
    Array.from({ length: 100 }, (_, n) => keyOf('batch', `seen#${n}`)),
  );
  expect(UnprocessedKeys).toEqual({});
  expect(new Set(Responses?.[TABLE])).toEqual(new Set(there));
  await expect(read([keyOf('batch'), keyOf('batch')])).rejects.toMatchObject({
    name: 'ValidationException',
    message: 'Provided list of item keys contains duplicates',
  });
});

it('queries by key and prefix, by sparse index in order and by page, and scans', async () => {
  const count = 25;
  for (let n = 0; n < count; n++) {
    const due = n % 2 === 0 ? { owner: { S: 'training' }, nextActionAt: { N: `${100 - n}` } } : {};
    await put({ ...keyOf('many', `run#${String(n).padStart(2, '0')}`), ...due });
  }
  const beneath = await dynamodb.send(
    new Query({
      TableName: TABLE,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': { S: 'many' }, ':prefix': { S: 'run#1' } },
      ScanIndexForward: false,
    }),
  );
  expect(beneath.Items?.map(({ sk }) => sk?.S)).toEqual(
    Array.from({ length: 10 }, (_, n) => `run#${19 - n}`),
  );
  const due: (string | undefined)[] = [];
  let ExclusiveStartKey: PutItemCommandInput['Item'];
  do {
    const page = await dynamodb.send(
      new Query({
        TableName: TABLE,
        IndexName: 'due',
        KeyConditionExpression: '#owner = :owner AND nextActionAt <= :now',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': { S: 'training' }, ':now': { N: '90' } },
        Limit: 3,
        ExclusiveStartKey,
      }),
    );
    due.push(...(page.Items ?? []).map(({ nextActionAt }) => nextActionAt?.N));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  expect(due).toEqual(['76', '78', '80', '82', '84', '86', '88', '90']);
  let scanned = 0;
  for await (const { Items = [] } of paginateScan({ client: dynamodb, pageSize: 7 }, { TableName: TABLE }))
    scanned += Items.filter(({ pk }) => pk?.S === 'many').length;
  expect(scanned).toBe(count);
});

it.each([
  [
    'an item of more than 400 KB',
    () => put({ ...keyOf('large'), s: { S: 'x'.repeat(409_600) } }),
    /size has exceeded/,
  ],
  ['an item without its key', () => put({ pk: { S: 'a' } }), /Missing the key sk/],
  ['an empty key', () => put({ ...keyOf(''), a: { S: 'b' } }), /empty string value/],
  ['39 digits', () => put({ ...keyOf('n'), n: { N: '1'.repeat(39) } }), /more than 38 significant digits/],
  [
    'an expression that is none',
    () => put(keyOf('x'), { ConditionExpression: 'pk =' }),
    /Invalid ConditionExpression/,
  ],
])('refuses %s', async (_, call, message) => {
  await expect(call()).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringMatching(message),
    $metadata: { httpStatusCode: 400 },
  });
});

it('knows of no other table', async () => {
  await expect(dynamodb.send(new GetItem({ TableName: 'other', Key: keyOf('a') }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

it.each([
  ['DeleteTable', () => dynamodb.send(new DeleteTable({ TableName: TABLE }))],
  [
    'TransactWriteItems',
    () =>
      dynamodb.send(
        new TransactWriteItems({
          TransactItems: [{ Put: { TableName: TABLE, Item: keyOf('transaction') } }],
        }),
      ),
  ],
])('offers no %s, which nobody calls', async (_, call) => {
  await expect(call()).rejects.toMatchObject({
    name: 'UnknownOperationException',
    $metadata: { httpStatusCode: 400 },
  });
  expect(await get('transaction')).toBeUndefined();
});
