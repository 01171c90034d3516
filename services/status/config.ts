import { readEnvironment } from '../../shared/runtime/environment.ts';

const environment = readEnvironment(process.env, ['STAGE', 'TABLE_NAME']);

export const config = { stage: environment.STAGE, tableName: environment.TABLE_NAME } as const;
