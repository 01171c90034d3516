import type { EventDetail } from '../../shared/contracts/events.ts';
import type { Reconcile } from './reconcile.ts';

/** The offline gate let a model through: it asks for the canary slot. */
export const buildOnModelApproved =
  (reconcile: Reconcile) =>
  (detail: EventDetail<'ModelApproved.v1'>): Promise<void> =>
    reconcile(detail.runId);
