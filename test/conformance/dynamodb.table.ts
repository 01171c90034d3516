/** For the suites of DynamoDB: a cloud with the table of Ratchet's own template. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type BareCloud, type Resources, startBareCloud } from './support/bare-cloud.ts';

export const TABLE = 'states';

const STORAGE = join(import.meta.dirname, '../../resources/storage.yml');

export function startTable(): Promise<BareCloud> {
  const { Table } = (parse(readFileSync(STORAGE, 'utf8'), { logLevel: 'silent' }) as { Resources: Resources })
    .Resources;
  return startBareCloud({
    Table: { Type: 'AWS::DynamoDB::Table', Properties: { ...Table?.Properties, TableName: TABLE } },
  });
}
