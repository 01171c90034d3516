import type { Key, ListPlace } from './item-store.ts';

/** Where each aggregate lies in the table, and in which list it is found. */
export const pipelineKey = (pipeline: string): Key => ({ pk: `PIPELINE#${pipeline}`, sk: 'PIPELINE' });
export const runKey = (pipeline: string, runId: string): Key => ({
  pk: `PIPELINE#${pipeline}`,
  sk: `RUN#${runId}`,
});
/** The pipeline's open batch: which one it is, and when its last object came. */
export const inboxKey = (pipeline: string): Key => ({ pk: `PIPELINE#${pipeline}`, sk: 'INBOX' });
/** Dropped objects of a batch that came together. */
export const dropKey = (pipeline: string, batch: number, group: string): Key => ({
  pk: `PIPELINE#${pipeline}`,
  sk: `${dropPrefix(batch)}${group}`,
});
export const dropPrefix = (batch: number): string => `DROP#${String(batch).padStart(9, '0')}#`;
/** Which batch a dropped object belongs to, so that it belongs to one. */
export const seenKey = (pipeline: string, object: string): Key => ({
  pk: `PIPELINE#${pipeline}`,
  sk: `SEEN#${object}`,
});
/** What is known of a declared source: when it was looked at, what it brought, why it could not be read. */
export const sourceKey = (pipeline: string, source: string): Key => ({
  pk: `PIPELINE#${pipeline}`,
  sk: `${sourcePrefix}${source}`,
});
export const sourcePrefix = 'SOURCE#';
export const datasetKey = (pipeline: string, version: string): Key => ({
  pk: `PIPELINE#${pipeline}`,
  sk: `DATASET#${version}`,
});
export const monitorKey = (pipeline: string): Key => ({ pk: `PIPELINE#${pipeline}`, sk: 'MONITOR' });

export const pipelineList = 'pipelines';
export const runList = (pipeline: string): string => `runs#${pipeline}`;
export const datasetList = (pipeline: string): string => `datasets#${pipeline}`;
export const windowList = (pipeline: string): string => `windows#${pipeline}`;

export const inList = (key: string, order: string): ListPlace => ({ key, order });
