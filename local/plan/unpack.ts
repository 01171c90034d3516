import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedArchive } from './plan.ts';
import { PlanError } from './plan-error.ts';
import { unzip } from './unzip.ts';

/** Unpacks a bundle or a layer to a folder that is named by its content, `<dir>/<name>/<hash>`, and gives the folder;
 * older ones of the same name are removed. */
export function unpack({ archive, name }: PlannedArchive, dir: string): string {
  if (!existsSync(archive)) throw new PlanError(archive, `is missing: the code of ${name}`);
  const content = readFileSync(archive);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const parent = join(dir, name);
  const folder = join(parent, hash);
  if (!existsSync(folder)) {
    const unfinished = `${folder}.tmp`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    unzip(content, unfinished, archive);
    renameSync(unfinished, folder);
  }
  for (const other of readdirSync(parent)) {
    if (other !== hash) rmSync(join(parent, other), { recursive: true, force: true });
  }
  return folder;
}
