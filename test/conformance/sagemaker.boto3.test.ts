import { join } from 'node:path';
import type { BareCloud } from './support/bare-cloud.ts';
import { describeBoto3 } from './support/python.ts';
import { BUCKET, IMAGE, ROLE, startLineCloud } from './support/straight-line.ts';

let cloud: BareCloud;
beforeAll(async () => {
  cloud = await startLineCloud();
});
afterAll(() => cloud?.close());

describeBoto3('SageMaker', join(import.meta.dirname, 'sagemaker.boto3.py'), () => ({
  ENDPOINT: cloud.endpoint,
  BUCKET,
  IMAGE,
  ROLE,
}));
