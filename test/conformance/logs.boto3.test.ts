import { join } from 'node:path';
import { startFunctions } from './lambda.functions.ts';
import type { BareCloud } from './support/bare-cloud.ts';
import { describeBoto3 } from './support/python.ts';

let cloud: BareCloud;
beforeAll(async () => {
  cloud = await startFunctions();
});
afterAll(() => cloud?.close());

describeBoto3('CloudWatch Logs', join(import.meta.dirname, 'logs.boto3.py'), () => ({
  ENDPOINT: cloud.endpoint,
}));
