/** DynamoDB by boto3, its client and its resource. */
import { join } from 'node:path';
import { startTable } from './dynamodb.table.ts';
import type { BareCloud } from './support/bare-cloud.ts';
import { describeBoto3 } from './support/python.ts';

let cloud: BareCloud;
beforeAll(async () => {
  cloud = await startTable();
});
afterAll(() => cloud?.close());

describeBoto3('DynamoDB', join(import.meta.dirname, 'dynamodb.boto3.py'), () => ({
  ENDPOINT: cloud.endpoint,
}));
