import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createApi } from './api.ts';
import { connectionOf, defaultFolder } from './connection.ts';
import { createS3 } from './drop-files.ts';
import { CliError, exitCode } from './exit.ts';
import { downloadDataset } from './explore/download-dataset.ts';
import { findDataset, parseDatasetName } from './explore/find-dataset.ts';
import { notebook } from './explore/notebook.ts';
import { openInBrowser } from './explore/open-in-browser.ts';
import { print } from './terminal.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      dir: { type: 'string', default: defaultFolder },
    },
  });
  const [name] = positionals;
  if (!name || positionals.length > 1)
    throw new CliError('Name one dataset: ratchet explore PIPELINE[@VERSION]', exitCode.usage);
  const wanted = parseDatasetName(name);
  const connection = connectionOf(values.dir);
  const api = createApi(connection);
  const { pipeline, version, prefix, runId } = await findDataset(api, wanted);
  // The pipeline may say otherwise by now; the run has the specification that this version was prepared by.
  const { specification } = await api.get<{ specification: { data: { target: string } } }>(
    `/v1/runs/${encodeURIComponent(runId)}`,
  );
  const folder = resolve(values.out ?? `${pipeline}-${version}`);
  mkdirSync(folder, { recursive: true });
  const client = createS3(connection);
  try {
    await downloadDataset(client, prefix, folder);
  } finally {
    client.destroy();
  }
  writeFileSync(
    join(folder, 'explore.ipynb'),
    notebook({ pipeline, version, target: specification.data.target }),
  );
  const page = join(folder, 'profile.html');
  print(`Dataset ${version} of ${pipeline} is in ${folder}`);
  print(`Notebook: jupyter lab ${join(folder, 'explore.ipynb')}`);
  if (!values['no-open'] && (await openInBrowser(page))) print(`Opened ${page}`);
  else print(`Profile: ${page}`);
}
