import type { EventDetail } from '../../shared/contracts/events.ts';
import type { Reconcile } from './reconcile.ts';

/** A dataset is ready: its run asks for the training slot. */
export const buildOnDatasetPrepared =
  (reconcile: Reconcile) =>
  (detail: EventDetail<'DatasetPrepared.v1'>): Promise<void> =>
    reconcile(detail.runId);
