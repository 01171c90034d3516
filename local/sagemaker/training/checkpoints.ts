import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { filesUnder } from '../archive.ts';
import type { Objects } from '../objects.ts';
import { under } from '../objects.ts';
import { safePath } from './inputs.ts';
import type { CheckpointConfig } from './job.ts';

const DEFAULT_PATH = '/opt/ml/checkpoints';
const BASE = '/opt/ml/';

/** A job's checkpoints: a folder that is copied to S3 while the program runs, and back before it starts again. */
export interface Checkpoints {
  /** Copies what an earlier attempt left in S3 into the folder. */
  restore(): Promise<void>;
  /** Copies to S3 what has changed since it was last copied. */
  save(): Promise<void>;
}

/** Where a job's checkpoints lie on this machine; undefined for a path outside of `/opt/ml`, which no job has here. */
export function checkpointFolder(config: CheckpointConfig, jobFolder: string): string | undefined {
  const path = config.LocalPath ?? DEFAULT_PATH;
  const name = path.slice(BASE.length).replace(/\/+$/, '');
  if (!path.startsWith(BASE) || name === '' || name.split('/').includes('..')) return undefined;
  return join(jobFolder, name);
}

export function createCheckpoints(
  objects: Objects,
  config: CheckpointConfig | undefined,
  jobFolder: string,
): Checkpoints {
  const folder = config && checkpointFolder(config, jobFolder);
  if (!config || !folder) return { restore: async () => undefined, save: async () => undefined };
  const copied = new Map<string, string>();
  let saving = Promise.resolve();

  async function mark(name: string): Promise<string> {
    const { size, mtimeMs } = await stat(join(folder!, name));
    return `${size} ${mtimeMs}`;
  }

  async function copyChanged(): Promise<void> {
    for (const name of await filesUnder(folder!)) {
      const now = await mark(name);
      if (copied.get(name) === now) continue;
      await objects.upload(under(config!.S3Uri, name), join(folder!, name));
      copied.set(name, now);
    }
  }

  return {
    restore: async () => {
      copied.clear();
      await mkdir(folder, { recursive: true });
      const { bucket, key: prefix } = under(config.S3Uri, '');
      for (const key of await objects.list({ bucket, key: prefix })) {
        if (key.endsWith('/')) continue;
        const name = safePath(key.slice(prefix.length));
        await objects.download({ bucket, key }, join(folder, name));
        copied.set(name, await mark(name));
      }
    },
    save: () => {
      // One after another: the last copy, when the program has ended, is the one that counts.
      saving = saving.catch(() => undefined).then(copyChanged);
      return saving;
    },
  };
}
