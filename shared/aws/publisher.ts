import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { contracts, type LifecycleEvent } from '../contracts/events.ts';
import { log } from '../runtime/log.ts';
import type { ItemStore, Stored } from './item-store.ts';

const MAX_ENTRIES = 10;
const RETRYABLE = new Set(['InternalFailure', 'InternalException', 'ThrottlingException']);
const ROUNDS = 3;

type Batch = readonly (readonly [id: string, event: LifecycleEvent])[];

/** Publishes what an item still has pending, then takes it out of the item. What EventBridge did not take stays
 * pending: for a passing reason it throws, and the sweeper comes back; what is refused for good is logged. */
export type PublishPending = (stored: Stored<unknown>) => Promise<void>;

export function createPublisher(options: {
  client: EventBridgeClient;
  busName: string;
  store: ItemStore;
}): PublishPending {
  const { client, busName, store } = options;

  /** Hands a batch over; what EventBridge refused for a passing reason is sent again. */
  async function put(batch: Batch): Promise<{ accepted: string[]; waiting: Batch }> {
    let open = batch;
    const accepted: string[] = [];
    for (let round = 0; round < ROUNDS && open.length > 0; round += 1) {
      const { Entries = [] } = await client.send(
        new PutEventsCommand({ Entries: open.map(([, event]) => entry(event, busName)) }),
      );
      accepted.push(...open.filter((_, i) => Entries[i]?.EventId).map(([id]) => id));
      for (const [i, [id, { name }]] of open.entries()) {
        const { ErrorCode = '', ErrorMessage } = Entries[i] ?? {};
        if (ErrorCode && !RETRYABLE.has(ErrorCode))
          log.error('EventBridge refuses an event for good', ErrorMessage, { id, name, ErrorCode });
      }
      open = open.filter((_, i) => RETRYABLE.has(Entries[i]?.ErrorCode ?? ''));
    }
    return { accepted, waiting: open };
  }

  return async (stored) => {
    const events = Object.entries(stored.pending);
    if (events.length === 0) return;
    const accepted: string[] = [];
    let waiting = 0;
    for (let from = 0; from < events.length; from += MAX_ENTRIES) {
      const answer = await put(events.slice(from, from + MAX_ENTRIES));
      accepted.push(...answer.accepted);
      waiting += answer.waiting.length;
    }
    await store.forget(stored, accepted);
    if (waiting > 0)
      throw new Error(`EventBridge did not take ${waiting} of ${events.length} events; they stay pending`);
  };
}

function entry(event: LifecycleEvent, EventBusName: string) {
  return {
    EventBusName,
    Source: event.service ? `ratchet.${event.service}` : contracts[event.name].source,
    DetailType: event.name,
    Detail: JSON.stringify(event.detail),
    Resources: [],
  };
}
