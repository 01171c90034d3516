import { basename } from 'node:path';
import { PIPELINE_NAME_MAX } from '../../shared/contracts/names.ts';

/** `Wine Quality (red).csv.gz` → `wine-quality-red`. Pure. */
export function pipelineNameOf(file: string): string {
  const words = basename(file)
    .replace(/\.(gz|zst|zstd)$/i, '')
    .replace(/\.[a-z0-9]+$/i, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  const name = (words ?? [])
    .join('-')
    .replace(/^[0-9-]+/, '')
    .slice(0, PIPELINE_NAME_MAX)
    .replace(/-$/, '');
  return name === '' ? 'table' : name;
}
