import { readEnvironment } from '../../shared/runtime/environment.ts';

const environment = readEnvironment(process.env, [
  'STAGE',
  'TABLE_NAME',
  'BUS_NAME',
  'DROP_BUCKET',
  'ARTIFACTS_BUCKET',
]);

export const config = {
  stage: environment.STAGE,
  tableName: environment.TABLE_NAME,
  busName: environment.BUS_NAME,
  dropBucket: environment.DROP_BUCKET,
  artifactsBucket: environment.ARTIFACTS_BUCKET,
} as const;
