import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another embedded cloud works in the folder. */
export class FolderInUseError extends Error {
  readonly code = 'FOLDER_IN_USE';

  constructor(dir: string) {
    super(`Another embedded cloud works in ${dir}.`);
    this.name = 'FolderInUseError';
  }
}

/** Takes the folder for this process until `release`, or until the process ends, however it does: the lock is the
 * operating system's, on a file that SQLite holds. Throws FolderInUseError. */
export function lockFolder(dir: string): { release(): void } {
  const db = new DatabaseSync(join(dir, 'lock.sqlite'));
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (/locked|busy/.test(String(error))) throw new FolderInUseError(dir);
    throw error;
  }
  return { release: () => db.close() };
}
