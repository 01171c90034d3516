import { parseSpecification } from '../../shared/contracts/parse-specification.ts';
import { problemLines } from '../apply.ts';
import { CliError, exitCode } from '../exit.ts';
import { commentedYaml } from './commented-yaml.ts';
import { draftSpecification } from './draft-specification.ts';
import type { Sample } from './sample.ts';

/** Written beside the specification, for editors. */
export const SCHEMA_FILE = 'ratchet.schema.json';
/** A specification holds at most 256 KiB; a table of very many columns is cut to what fits. */
const MOST_BYTES = 250 * 1024;
const DECLARATIONS = [1000, 500, 250, 100];

/** The specification as text that `ratchet apply` takes as it is. */
export function draftText(sample: Sample, file: string, pipeline: string, target: string): string {
  let problems = '';
  for (const mostDeclarations of DECLARATIONS) {
    const wish = { file, pipeline, target, schema: `./${SCHEMA_FILE}`, mostDeclarations };
    const { specification, comments } = draftSpecification(sample, wish);
    const text = commentedYaml(specification, comments);
    if (Buffer.byteLength(text) > MOST_BYTES) continue;
    const parsed = parseSpecification(text);
    if (parsed.kind === 'ok') return `# yaml-language-server: $schema=./${SCHEMA_FILE}\n${text}`;
    problems = problemLines('draft', parsed.problems);
    break;
  }
  throw new CliError(
    `No specification could be drafted for ${file}; write it by hand, as in examples/. ${problems}`,
    exitCode.failed,
  );
}
