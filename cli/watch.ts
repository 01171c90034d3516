import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createApi } from './api.ts';
import { connectionOf, defaultFolder } from './connection.ts';
import { CliError, exitCode } from './exit.ts';
import { phaseText, print, styled } from './terminal.ts';
import { createTimeline, sentenceOf } from './timeline.ts';

const EVERY_MS = 1_000;

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { dir: { type: 'string', default: defaultFolder } },
  });
  const [pipeline] = positionals;
  if (!pipeline) throw new CliError('Name a pipeline: ratchet watch PIPELINE', exitCode.usage);
  const api = createApi(connectionOf(values.dir));
  await api.get(`/v1/pipelines/${encodeURIComponent(pipeline)}`);
  const readNew = createTimeline(api, pipeline);
  for (;;) {
    for (const entry of await readNew()) {
      print(
        `${styled('gray', entry.step.at)}  ${entry.run.runId}  ${phaseText(entry.step.phase)}  ${sentenceOf(entry)}`,
      );
    }
    await sleep(EVERY_MS);
  }
}
