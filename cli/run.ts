import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createApi } from './api.ts';
import { connectionOf, defaultFolder } from './connection.ts';
import { CliError, exitCode } from './exit.ts';
import { print } from './terminal.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      dir: { type: 'string', default: defaultFolder },
      reason: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
    },
  });
  const [pipeline] = positionals;
  if (!pipeline || !values.reason) {
    throw new CliError('Name a pipeline and a reason: ratchet run PIPELINE --reason "why"', exitCode.usage);
  }
  const hyperparameters = Object.fromEntries(values.set.map(pairOf));
  const { runId } = await createApi(connectionOf(values.dir)).send<{ runId: string }>(
    'POST',
    `/v1/pipelines/${encodeURIComponent(pipeline)}/runs`,
    // Named, so that a repeated call begins nothing new.
    JSON.stringify({ reason: values.reason, request: randomUUID(), hyperparameters }),
  );
  print(`Run ${runId} has begun. Follow it with: ratchet watch ${pipeline}`);
}

function pairOf(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new CliError(`--set takes NAME=VALUE, not "${pair}"`, exitCode.usage);
  return [pair.slice(0, at), pair.slice(at + 1)];
}
