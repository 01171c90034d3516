/** `ratchet dev`: Ratchet on this machine, from the packaged bundles, until it is stopped. */
import { resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startCloud } from '../local/cloud.ts';
import { defaultFolder, rowsOf } from './connection.ts';
import { CliError, exitCode } from './exit.ts';
import { faultsTable } from './faults-table.ts';
import { numberOf } from './number-option.ts';
import { packageService } from './package-service.ts';
import { print, styled, table } from './terminal.ts';

const AWS_PORT = '4566';
const API_PORT = '4567';
/** Waits that AWS imposes (a sweep each minute, captures each minute) are this much shorter on one machine. */
const SPEED = '10';
/** Another works in the folder, or another version has. */
const FOLDER_TROUBLE = ['FOLDER_IN_USE', 'FOLDER_FORMAT'];

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: 'string', default: defaultFolder },
      port: { type: 'string', default: AWS_PORT },
      'api-port': { type: 'string', default: API_PORT },
      speed: { type: 'string', default: SPEED },
      chaos: { type: 'string' },
      strict: { type: 'boolean', default: false },
    },
  });
  const options = {
    dir: values.dir,
    port: numberOf('port', values.port, 0),
    apiPort: numberOf('api-port', values['api-port'], 0),
    scale: numberOf('speed', values.speed, 1),
    strict: values.strict,
    ...(values.chaos === undefined ? {} : { chaos: numberOf('chaos', values.chaos, 0) }),
  };
  print('Packaging the services (only when they have changed) …');
  const packageDir = await packageService();
  const cloud = await startCloud({ ...options, packageDir }).catch((error: NodeJS.ErrnoException) => {
    if (FOLDER_TROUBLE.includes(error.code ?? '')) throw new CliError(error.message, exitCode.unavailable);
    if (error.code !== 'EADDRINUSE') throw error;
    throw new CliError(
      `A port is taken (${error.message}); choose others with --port and --api-port`,
      exitCode.unavailable,
    );
  });
  print(styled('green', 'Ratchet is ready.'));
  print(table(rowsOf(cloud.info)));
  const other = values.dir === defaultFolder ? '' : ` --dir ${values.dir}`;
  print(`\nState: ${resolve(values.dir)}   stop with Ctrl-C`);
  print(`Next:  npx ratchet apply examples/digits/pipeline.yml${other}`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  print('\nStopping …');
  await cloud.close();
  if (options.chaos !== undefined) print(`\n${faultsTable(options.dir)}`);
}
