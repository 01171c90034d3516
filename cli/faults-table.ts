/** What the adversary did to a cloud (`--chaos SEED`), from the file that it keeps. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULTS_FILE } from '../local/chaos/adversary.ts';
import { table } from './terminal.ts';

export function faultsTable(folder: string): string {
  const counts = JSON.parse(readFileSync(join(folder, FAULTS_FILE), 'utf8')) as Record<string, number>;
  const rows = Object.entries(counts).map(([fault, count]) => [fault, String(count)]);
  return table([['FAULTS INJECTED', 'TIMES'], ...rows]);
}
