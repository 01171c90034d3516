/** S3 as both boto3s see it: s3.boto3.py. */
import { join } from 'node:path';
import type { BareCloud } from './support/bare-cloud.ts';
import { describeBoto3 } from './support/python.ts';
import { PLAIN, startS3Cloud, VERSIONED } from './support/s3-cloud.ts';

let cloud: BareCloud;
beforeAll(async () => {
  cloud = await startS3Cloud();
});
afterAll(() => cloud?.close());

const environment = () => ({ ENDPOINT: cloud.endpoint, PLAIN, VERSIONED });
describeBoto3('S3', join(import.meta.dirname, 's3.boto3.py'), environment);
