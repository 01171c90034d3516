/**
 * Runs a program that is not a Node program: `node --import orphan-guard.mjs supervise.mjs <program> <args…>`.
 * It shares the process group, so that the guard ends it too; signals pass on, the exit code comes back.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('error', (error) => {
  console.error(`${program} cannot be started: ${error.message}`);
  process.exit(127);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
