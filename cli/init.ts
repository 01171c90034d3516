import { existsSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { editorSchema } from '../shared/contracts/editor-schema.ts';
import { PIPELINE_NAME, PIPELINE_NAME_MAX } from '../shared/contracts/names.ts';
import { CliError, exitCode } from './exit.ts';
import { draftText, SCHEMA_FILE } from './init/draft-text.ts';
import { pipelineNameOf } from './init/pipeline-name.ts';
import { readSample } from './init/read-sample.ts';
import { print } from './terminal.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      target: { type: 'string' },
      out: { type: 'string' },
      name: { type: 'string' },
      force: { type: 'boolean', default: false },
    },
  });
  const [file] = positionals;
  const { target, out } = values;
  if (!file || positionals.length > 1 || target === undefined || out === undefined)
    throw new CliError(
      'Name a file, what is to be predicted, and where to write: ratchet init data.csv --target price --out pipeline.yml',
      exitCode.usage,
    );
  if (existsSync(out) && !values.force)
    throw new CliError(
      `${out} is there already; choose another name, or replace it with --force`,
      exitCode.usage,
    );
  if (!statSync(dirname(out), { throwIfNoEntry: false })?.isDirectory())
    throw new CliError(`There is no folder ${dirname(out)} to write ${out} into`, exitCode.usage);
  const pipeline = nameOf(values.name, file);
  const sample = await readSample(file, target.trim());
  const text = draftText(sample, basename(file), pipeline, target.trim());
  writeFileSync(out, text);
  writeFileSync(join(dirname(out), SCHEMA_FILE), `${JSON.stringify(editorSchema(), null, 2)}\n`);
  print(
    `Wrote ${out} for the pipeline ${pipeline}, and ${SCHEMA_FILE} beside it, by which editors explain its keys.`,
  );
  print(`Next:  ratchet apply ${out}   then   ratchet drop ${pipeline} ${file}`);
}

function nameOf(wanted: string | undefined, file: string): string {
  if (wanted === undefined) return pipelineNameOf(file);
  if (new RegExp(PIPELINE_NAME).test(wanted) && wanted.length <= PIPELINE_NAME_MAX) return wanted;
  throw new CliError(
    `"${wanted}" names no pipeline: lower-case letters, digits and single dashes, at most ${PIPELINE_NAME_MAX} characters, a letter first`,
    exitCode.usage,
  );
}
