import { parseArgs } from 'node:util';
import { connectionOf, defaultFolder, rowsOf } from './connection.ts';
import { print, table } from './terminal.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false }, dir: { type: 'string', default: defaultFolder } },
  });
  const connection = connectionOf(values.dir);
  print(values.json ? JSON.stringify(connection, null, 2) : table(rowsOf(connection)));
}
