import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { SpecificationProblem } from '../shared/contracts/http.ts';
import { parseSpecification } from '../shared/contracts/parse-specification.ts';
import { type ApiPlace, ApiRefusal, createApi } from './api.ts';
import { connectionOf, defaultFolder } from './connection.ts';
import { CliError, exitCode } from './exit.ts';
import { print } from './terminal.ts';

/** `file:line:column: path: message`, as editors and terminals turn into links. */
export const problemLines = (file: string, problems: readonly SpecificationProblem[]): string =>
  problems
    .map(({ line, column, path, message }) => `${file}:${line}:${column}: ${path || '/'}: ${message}`)
    .join('\n');

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { dir: { type: 'string', default: defaultFolder } },
  });
  const [file] = positionals;
  if (!file || positionals.length > 1)
    throw new CliError('Name one file: ratchet apply pipeline.yml', exitCode.usage);
  // What is wrong with the file is told whether a Ratchet runs or not.
  const specification = readSpecification(file);
  const { name, changed } = await declare(specification, connectionOf(values.dir));
  print(
    changed
      ? `Pipeline ${name} is declared. Next: ratchet drop ${name} FILE`
      : `Pipeline ${name} is as it was.`,
  );
}

/** Declares the pipeline of a file. Throws a CliError that names file, line and path of each problem. */
export const applyFile = async (file: string, connection: ApiPlace): Promise<Declared> =>
  declare(readSpecification(file), connection);

interface Specification {
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

interface Declared {
  readonly name: string;
  readonly changed: boolean;
}

function readSpecification(file: string): Specification {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`Cannot read ${file}: ${(error as Error).message}`, exitCode.usage);
  }
  const parsed = parseSpecification(text);
  if (parsed.kind === 'invalid') throw new CliError(problemLines(file, parsed.problems), exitCode.badData);
  return { file, name: parsed.specification.name, text };
}

async function declare({ file, name, text }: Specification, connection: ApiPlace): Promise<Declared> {
  try {
    const { changed } = await createApi(connection).send<{ changed: boolean }>(
      'PUT',
      `/v1/pipelines/${name}`,
      text,
    );
    return { name, changed };
  } catch (error) {
    if (error instanceof ApiRefusal && error.problem.problems) {
      throw new CliError(problemLines(file, error.problem.problems), exitCode.badData);
    }
    throw error;
  }
}
