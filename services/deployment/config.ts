import { readEnvironment } from '../../shared/runtime/environment.ts';

const environment = readEnvironment(process.env, [
  'STAGE',
  'AWS_REGION',
  'AWS_ACCOUNT_ID',
  'TABLE_NAME',
  'BUS_NAME',
  'ARTIFACTS_BUCKET',
  'SAGEMAKER_ROLE_ARN',
  'WISH_QUEUE_URL',
]);

export const config = {
  stage: environment.STAGE,
  region: environment.AWS_REGION,
  account: environment.AWS_ACCOUNT_ID,
  tableName: environment.TABLE_NAME,
  busName: environment.BUS_NAME,
  artifactsBucket: environment.ARTIFACTS_BUCKET,
  sageMakerRoleArn: environment.SAGEMAKER_ROLE_ARN,
  wishQueueUrl: environment.WISH_QUEUE_URL,
} as const;
