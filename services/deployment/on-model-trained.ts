import type { EventDetail } from '../../shared/contracts/events.ts';
import type { Reconcile } from './reconcile.ts';

/** A candidate is there: its evaluation begins. */
export const buildOnModelTrained =
  (reconcile: Reconcile) =>
  (detail: EventDetail<'ModelTrained.v1'>): Promise<void> =>
    reconcile(detail.runId);
