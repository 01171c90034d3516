/** Every minute: labels whose captures came later, retrainings that were not taken up, events that were not published. */
import type { ItemStore } from '../../shared/aws/item-store.ts';
import { monitorKey } from '../../shared/aws/keys.ts';
import { log } from '../../shared/runtime/log.ts';
import type { Reconcile } from './reconcile.ts';

const MOST_A_SWEEP = 100;
const PREFIX = 'PIPELINE#';

/** One pipeline that fails does not keep the others from their turn; it is seen at the end (AggregateError). */
export const buildOnSweep =
  ({ items, now }: { readonly items: ItemStore; readonly now: () => number }, reconcile: Reconcile) =>
  async (): Promise<void> => {
    const keys = await items.due('monitoring', now(), MOST_A_SWEEP);
    const failures: unknown[] = [];
    for (const { pk, sk } of keys) {
      const pipeline = pk.slice(PREFIX.length);
      if (sk !== monitorKey(pipeline).sk) continue;
      try {
        await reconcile(pipeline);
      } catch (error) {
        log.error('Monitoring could not be brought on', error, { pipeline });
        failures.push(error);
      }
    }
    if (failures.length > 0)
      throw new AggregateError(
        failures,
        `${failures.length} of ${keys.length} pipelines could not be brought on`,
      );
  };
