/** What the key of a dropped object says. Pure. */
import { PIPELINE_NAME, PIPELINE_NAME_MAX } from '../../shared/contracts/names.ts';

export type DropPlace =
  /** A file of data for a pipeline. */
  | { readonly kind: 'data'; readonly pipeline: string }
  /** Names the files beside it that make one dataset. */
  | { readonly kind: 'manifest'; readonly pipeline: string }
  /** A file in a `batch-…/` folder: it waits for the manifest there. */
  | { readonly kind: 'waits-for-manifest'; readonly pipeline: string }
  /** A marker that a console makes for an empty folder. */
  | { readonly kind: 'folder' }
  | { readonly kind: 'misplaced'; readonly reason: string };

const KEY = /^incoming\/([^/]*)\/(.+)$/s;
const pipelineName = new RegExp(PIPELINE_NAME);

export function dropPlace(key: string): DropPlace {
  if (key.endsWith('/')) return { kind: 'folder' };
  const match = KEY.exec(key);
  if (!match) return misplaced(key);
  const [, pipeline = '', rest = ''] = match;
  if (!pipelineName.test(pipeline) || pipeline.length > PIPELINE_NAME_MAX) return misplaced(key);
  if (rest.split('/').at(-1) === 'manifest.json') return { kind: 'manifest', pipeline };
  if (rest.startsWith('batch-') && rest.includes('/')) return { kind: 'waits-for-manifest', pipeline };
  return { kind: 'data', pipeline };
}

const misplaced = (key: string): DropPlace => ({
  kind: 'misplaced',
  reason: `"${key.slice(0, 200)}" is in no pipeline's folder; drop files as incoming/<pipeline>/<file>`,
});
