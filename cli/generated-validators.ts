/** The validators are generated, not kept in git: they are written when they are missing or older than what they are
 * made from. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const contracts = join(import.meta.dirname, '..', 'shared', 'contracts');

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

export async function ensureValidators(): Promise<void> {
  const generated = changedAt(join(contracts, 'generated', 'validators.mjs'));
  const sources = readdirSync(contracts).filter((name) => name.endsWith('.ts'));
  const latest = Math.max(...sources.map((name) => changedAt(join(contracts, name))));
  if (generated < latest) await import('../shared/contracts/generate.ts');
}
