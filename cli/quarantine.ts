import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { parseS3Uri } from '../shared/contracts/s3-uri.ts';
import { createApi } from './api.ts';
import { connectionOf, defaultFolder } from './connection.ts';
import { createS3 } from './drop-files.ts';
import { CliError, exitCode } from './exit.ts';
import { countAside } from './quarantine/count-aside.ts';
import { filesInQuestion, findPreparedRun } from './quarantine/find-quarantine.ts';
import { tellAside } from './quarantine/tell-aside.ts';
import { print } from './terminal.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, dir: { type: 'string', default: defaultFolder } },
  });
  const [name] = positionals;
  if (!name || positionals.length > 1) {
    throw new CliError(
      'Name a pipeline, one of its runs, or a dataset: ratchet quarantine PIPELINE[@VERSION] or ratchet quarantine RUN',
      exitCode.usage,
    );
  }
  const connection = connectionOf(values.dir);
  const found = await findPreparedRun(createApi(connection), name);
  const uri = found.dataset?.quarantine ?? found.quarantine;
  const data = found.specification?.data;
  if (uri === undefined || data === undefined) throw new CliError(nothingOf(found), exitCode.badData);
  const client = createS3(connection);
  try {
    const counted = await countAside(await linesOf(client, uri), data, filesInQuestion(found));
    const { counts: aside, elsewhere } = counted;
    if (values.json)
      print(JSON.stringify({ runId: found.runId, quarantine: uri, aside, elsewhere }, null, 2));
    else for (const line of tellAside(found, counted, uri)) print(line);
  } finally {
    client.destroy();
  }
}

function nothingOf({ runId, phase, reason }: { runId: string; phase: string; reason?: string }): string {
  const why = reason === undefined ? '' : `: ${reason}`;
  return `Run ${runId} is ${phase}${why}. It has put no rows aside`;
}

/** The file as it streams in: it may be larger than memory. */
async function linesOf(client: S3Client, uri: string): Promise<AsyncIterable<string>> {
  const { bucket: Bucket, key: Key } = parseS3Uri(uri);
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return createInterface({ input: Body as Readable, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    if (!(error instanceof NoSuchKey)) throw error;
    throw new CliError(`The list of rows that were put aside is no longer at ${uri}`, exitCode.badData);
  }
}
