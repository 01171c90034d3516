import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PlanError } from './plan-error.ts';
import { unzip } from './unzip.ts';

/** Unpacks a function's bundle to a folder that is named by its content, `<dir>/<name>/<hash>`, and gives the
 * folder; older bundles of the function are removed. */
export function unpackBundle(archive: string, name: string, dir: string): string {
  if (!existsSync(archive)) throw new PlanError(archive, `is missing: the bundle of ${name}`);
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
