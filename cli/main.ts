/** `ratchet COMMAND …`: each command is one file; its module is loaded only when it is asked for. */
import process from 'node:process';
import { CliError, exitCode } from './exit.ts';
import { ensureValidators } from './generated-validators.ts';

interface Command {
  readonly usage: string;
  readonly does: string;
  readonly load: () => Promise<{ run(args: readonly string[]): Promise<void> }>;
}

const commands: Readonly<Record<string, Command>> = {
  dev: {
    usage: 'dev [--dir DIR] [--port N] [--api-port N] [--speed N] [--strict] [--chaos SEED]',
    does: 'run Ratchet on this machine until it is stopped',
    load: () => import('./dev.ts'),
  },
  demo: {
    usage: 'demo [--no-drift] [--chaos SEED]',
    does: 'show the whole loop on handwritten digits',
    load: () => import('./demo/demo.ts'),
  },
  info: {
    usage: 'info [--json] [--dir DIR]',
    does: 'where the running Ratchet is',
    load: () => import('./info.ts'),
  },
  init: {
    usage: 'init FILE --target COLUMN --out SPEC [--name NAME] [--force]',
    does: 'write a first specification for a file',
    load: () => import('./init.ts'),
  },
  apply: { usage: 'apply FILE [--dir DIR]', does: 'declare a pipeline', load: () => import('./apply.ts') },
  schema: {
    usage: 'schema',
    does: 'print the JSON Schema of a specification, for editors',
    load: () => import('./schema.ts'),
  },
  drop: {
    usage: 'drop PIPELINE FILE… [--dir DIR]',
    does: 'drop files as one dataset',
    load: () => import('./drop.ts'),
  },
  run: {
    usage: 'run PIPELINE --reason TEXT [--set NAME=VALUE…] [--dir DIR]',
    does: 'train once more on the dataset as it is',
    load: () => import('./run.ts'),
  },
  runs: {
    usage: 'runs PIPELINE [--json] [--dir DIR]',
    does: 'list the runs of a pipeline',
    load: () => import('./runs.ts'),
  },
  watch: {
    usage: 'watch PIPELINE [--dir DIR]',
    does: 'follow a pipeline as it moves',
    load: () => import('./watch.ts'),
  },
  explore: {
    usage: 'explore PIPELINE[@VERSION] [--out DIR] [--no-open] [--dir DIR]',
    does: 'look at a dataset: its profile, and a notebook that loads it',
    load: () => import('./explore.ts'),
  },
  quarantine: {
    usage: 'quarantine PIPELINE[@VERSION]|RUN [--json] [--dir DIR]',
    does: 'why rows were put aside, and what to do about it',
    load: () => import('./quarantine.ts'),
  },
  logs: {
    usage: 'logs [FUNCTION] [-f] [--since 5m] [--filter TEXT] [--dir DIR]',
    does: 'what the functions have logged',
    load: () => import('./logs.ts'),
  },
};

function usage(): string {
  const width = Math.max(...Object.values(commands).map((command) => command.usage.length));
  const lines = Object.values(commands).map(
    (command) => `  ratchet ${command.usage.padEnd(width)}  ${command.does}`,
  );
  return ['Usage:', ...lines, ''].join('\n');
}

async function main(): Promise<void> {
  const [name = '', ...args] = process.argv.slice(2);
  if (['', 'help', '--help', '-h'].includes(name)) {
    process.stdout.write(usage());
    return;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new CliError(`There is no command "${name}".\n${usage()}`, exitCode.usage);
  if (args.includes('--help')) {
    process.stdout.write(`Usage: ratchet ${command.usage}\n`);
    return;
  }
  try {
    await ensureValidators();
    await (await command.load()).run(args);
  } catch (error) {
    // node:util's parseArgs names the option that it does not know.
    if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')) throw error;
    throw new CliError(`${(error as Error).message}\nUsage: ratchet ${command.usage}`, exitCode.usage);
  }
}

main().catch((error: unknown) => {
  const known = error instanceof CliError;
  process.stderr.write(
    `ratchet: ${known || isOfFile(error) ? error.message : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exitCode = known ? error.exitCode : exitCode.failed;
});

/** The system's word on a file says all that there is to say: no such folder, no permission, no space left. */
function isOfFile(error: unknown): error is NodeJS.ErrnoException {
  const { path, syscall } = error as NodeJS.ErrnoException;
  return error instanceof Error && typeof path === 'string' && typeof syscall === 'string';
}
