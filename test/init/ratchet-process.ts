/** `ratchet dev`, and the other commands, as a person runs them. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Connection, connectionOf } from '../../cli/connection.ts';
import { root } from '../../cli/package-service.ts';

const LAUNCH = join(root, 'cli/launch.mjs');
const LONGEST_START_MS = 180_000;
/** A minute at AWS's pace takes two seconds. */
const SPEED = '30';

export interface RatchetProcess {
  /** A folder to work in; the state is in `.ratchet` there. */
  readonly folder: string;
  readonly connection: Connection;
  /** Answers what the command printed; throws with what it complained of. */
  run(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export async function startRatchet(): Promise<RatchetProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'ratchet-init-suite-'));
  const child = spawn(process.execPath, [LAUNCH, 'dev', '--port', '0', '--api-port', '0', '--speed', SPEED], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const state = join(folder, '.ratchet');
  const end = Date.now() + LONGEST_START_MS;
  while (!existsSync(join(state, 'cloud.json'))) {
    if (child.exitCode !== null || Date.now() > end) throw new Error('ratchet dev did not start');
    await sleep(200);
  }
  return {
    folder,
    connection: connectionOf(state),
    run: async (...args) =>
      (await promisify(execFile)(process.execPath, [LAUNCH, ...args], { cwd: folder })).stdout,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
