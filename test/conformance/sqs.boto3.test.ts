/** SQS by boto3: PyPI's speaks the JSON protocol, Debian's the Query protocol. Both verify checksums. */
import { join } from 'node:path';
import { startQueues } from './sqs.queues.ts';
import type { BareCloud } from './support/bare-cloud.ts';
import { describeBoto3 } from './support/python.ts';

let cloud: BareCloud;
beforeAll(async () => {
  cloud = await startQueues();
});
afterAll(() => cloud?.close());

describeBoto3('SQS', join(import.meta.dirname, 'sqs.boto3.py'), () => ({ ENDPOINT: cloud.endpoint }));
