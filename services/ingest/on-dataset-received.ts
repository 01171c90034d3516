import type { EventDetail } from '../../shared/contracts/events.ts';
import type { PrepareRun } from './prepare-run.ts';

/** A run has its data: it is prepared. Twice the same event is twice the same work with the same end. */
export const buildOnDatasetReceived =
  (prepare: PrepareRun) =>
  (detail: EventDetail<'DatasetReceived.v1'>): Promise<void> =>
    prepare(detail.runId);
