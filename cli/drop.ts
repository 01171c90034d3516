import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createApi } from './api.ts';
import { connectionOf, defaultFolder } from './connection.ts';
import { dropFiles } from './drop-files.ts';
import { CliError, exitCode } from './exit.ts';
import { print } from './terminal.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { dir: { type: 'string', default: defaultFolder } },
  });
  const [pipeline, ...files] = positionals;
  if (!pipeline || files.length === 0)
    throw new CliError('Name a pipeline and its files: ratchet drop PIPELINE FILE…', exitCode.usage);
  const connection = connectionOf(values.dir);
  await createApi(connection).get(`/v1/pipelines/${encodeURIComponent(pipeline)}`);
  const { manifest } = await dropFiles(connection, pipeline, files, randomBytes(6).toString('hex'));
  print(
    `Dropped ${files.length} ${files.length === 1 ? 'file' : 'files'} as s3://${connection.dropBucket}/${manifest}`,
  );
  print(`Follow it with: ratchet watch ${pipeline}`);
}
