/** A bounded memory of names: the last ones in 40 bits each, so that what comes again is known. */
import { shortHash } from '../../shared/contracts/names.ts';

const WIDTH = 8;
const MOST = 500;

const fingerprint = (name: string): string => shortHash(name, WIDTH);

export function hasSeen(memory: string, name: string): boolean {
  const sought = fingerprint(name);
  for (let at = memory.indexOf(sought); at >= 0; at = memory.indexOf(sought, at + 1)) {
    if (at % WIDTH === 0) return true;
  }
  return false;
}

/** The memory with one name more; beyond 500 the oldest are forgotten. */
export const remember = (memory: string, name: string): string =>
  `${memory}${fingerprint(name)}`.slice(-WIDTH * MOST);
