import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

/** The folder holds the state of another version of the embedded cloud. */
export class FolderFormatError extends Error {
  readonly code = 'FOLDER_FORMAT';

  constructor(dir: string) {
    super(
      `${dir} holds the state of another version of Ratchet, which this one does not read. Choose another folder with --dir, or move this one away.`,
    );
    this.name = 'FolderFormatError';
  }
}

/** Changed with every change of the state's form that an older state does not survive. */
const FORMAT = '2';

/** Notes the format in a folder that is new, and refuses one with another. Throws FolderFormatError. */
export function checkFormat(dir: string): void {
  const file = join(dir, 'format');
  const isNew = !existsSync(join(dir, 's3'));
  if (isNew) writeFileSync(file, `${FORMAT}\n`);
  else if (!existsSync(file) || readFileSync(file, 'utf8').trim() !== FORMAT)
    throw new FolderFormatError(dir);
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
