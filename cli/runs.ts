import { parseArgs } from 'node:util';
import { createApi } from './api.ts';
import { connectionOf, defaultFolder } from './connection.ts';
import { CliError, exitCode } from './exit.ts';
import { print, table } from './terminal.ts';

interface Row {
  readonly runId: string;
  readonly phase: string;
  readonly updatedAt: string;
  readonly cause: { readonly kind: string };
  readonly reason?: string;
  readonly gate?: { readonly metric: string; readonly candidate: number };
}

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, dir: { type: 'string', default: defaultFolder } },
  });
  const [pipeline] = positionals;
  if (!pipeline) throw new CliError('Name a pipeline: ratchet runs PIPELINE', exitCode.usage);
  const api = createApi(connectionOf(values.dir));
  const answer = await api.get<{ runs: Row[] }>(`/v1/pipelines/${encodeURIComponent(pipeline)}/runs`);
  if (values.json) return print(JSON.stringify(answer, null, 2));
  if (answer.runs.length === 0) return print(`No runs yet. Begin one with: ratchet drop ${pipeline} FILE`);
  const rows = answer.runs.map(({ runId, phase, cause, updatedAt, gate, reason }) => [
    runId,
    phase,
    cause.kind,
    updatedAt,
    reason ?? (gate ? `${gate.metric} ${gate.candidate.toFixed(4)}` : ''),
  ]);
  print(table([['RUN', 'PHASE', 'CAUSE', 'UPDATED', ''], ...rows]));
}
