import { join } from 'node:path';
import { type BareCloud, bucket, startBareCloud } from './support/bare-cloud.ts';
import { describeBoto3 } from './support/python.ts';

let cloud: BareCloud;
beforeAll(async () => {
  cloud = await startBareCloud({
    Plain: bucket('conformance-plain'),
    Versioned: bucket('conformance-versioned', { versioned: true }),
  });
});
afterAll(() => cloud?.close());

describeBoto3('S3', join(import.meta.dirname, 's3.boto3.py'), () => ({ ENDPOINT: cloud.endpoint }));
