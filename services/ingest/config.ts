import { getCACertificates } from 'node:tls';
import { readEnvironment } from '../../shared/runtime/environment.ts';

const environment = readEnvironment(process.env, [
  'STAGE',
  'AWS_REGION',
  'AWS_ACCOUNT_ID',
  'TABLE_NAME',
  'BUS_NAME',
  'DROP_BUCKET',
  'ARTIFACTS_BUCKET',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
]);

export const config = {
  stage: environment.STAGE,
  region: environment.AWS_REGION,
  account: environment.AWS_ACCOUNT_ID,
  tableName: environment.TABLE_NAME,
  busName: environment.BUS_NAME,
  dropBucket: environment.DROP_BUCKET,
  artifactsBucket: environment.ARTIFACTS_BUCKET,
  memoryMib: Number(environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
  /** Of the functions that prepare datasets. */
  sageMakerRole: process.env.SAGEMAKER_ROLE_ARN ?? '',
  sparkAboveBytes: process.env.SPARK_ABOVE_BYTES ? Number(process.env.SPARK_ABOVE_BYTES) : undefined,
  sparkInstance: process.env.SPARK_INSTANCE || 'ml.m5.4xlarge',
  /** Of the function that pulls sources. */
  sourceRole: process.env.SOURCE_ROLE_ARN ?? '',
  sourceJobAboveBytes: process.env.SOURCE_JOB_ABOVE_BYTES
    ? Number(process.env.SOURCE_JOB_ABOVE_BYTES)
    : undefined,
  sourceInstance: process.env.SOURCE_INSTANCE || 'ml.m5.large',
  /** Networks that declared sources may be in although they are private, as 10.1.0.0/16,fd00:1::/64; usually none. */
  sourceNetworks: (process.env.SOURCE_NETWORKS ?? '').split(',').filter((network) => network !== ''),
  /** What Node has read from NODE_EXTRA_CA_CERTS. */
  sourceAuthorities: getCACertificates('extra'),
} as const;
