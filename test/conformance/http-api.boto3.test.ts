import { join } from 'node:path';
import { startHttpApi } from './http-api.functions.ts';
import type { BareCloud } from './support/bare-cloud.ts';
import { describeBoto3 } from './support/python.ts';

let cloud: BareCloud;
beforeAll(async () => {
  cloud = await startHttpApi({ strict: true });
});
afterAll(() => cloud?.close());

describeBoto3('the HTTP API, strict', join(import.meta.dirname, 'http-api.boto3.py'), () => ({
  ENDPOINT: cloud.endpoint,
  API: cloud.cloud.info.apiUrl,
  ACCESS_KEY: cloud.cloud.info.credentials?.accessKeyId ?? '',
  SECRET_KEY: cloud.cloud.info.credentials?.secretAccessKey ?? '',
}));
