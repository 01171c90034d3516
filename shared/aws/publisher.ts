import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { contracts, type LifecycleEvent } from '../contracts/events.ts';
import type { ItemStore, Stored } from './item-store.ts';

const MAX_ENTRIES = 10;
const RETRYABLE = new Set(['InternalFailure', 'InternalException', 'ThrottlingException']);
const ROUNDS = 3;

/** Publishes what an item still has pending, then takes it out of the item. What EventBridge did not take stays
 * pending: the sweeper comes back for it. */
export type PublishPending = (stored: Stored<unknown>) => Promise<void>;

export function createPublisher(options: {
  client: EventBridgeClient;
  busName: string;
  store: ItemStore;
}): PublishPending {
  const { client, busName, store } = options;

  /** The ids that EventBridge accepted. */
  async function put(batch: readonly (readonly [string, LifecycleEvent])[]): Promise<string[]> {
    let open = [...batch];
    const accepted: string[] = [];
    for (let round = 0; round < ROUNDS && open.length > 0; round += 1) {
      const { Entries = [] } = await client.send(
        new PutEventsCommand({ Entries: open.map(([, event]) => entry(event, busName)) }),
      );
      accepted.push(...open.filter((_, i) => Entries[i]?.EventId).map(([id]) => id));
      open = open.filter((_, i) => RETRYABLE.has(Entries[i]?.ErrorCode ?? ''));
    }
    return accepted;
  }

  return async (stored) => {
    const events = Object.entries(stored.pending);
    const accepted: string[] = [];
    for (let from = 0; from < events.length; from += MAX_ENTRIES) {
      accepted.push(...(await put(events.slice(from, from + MAX_ENTRIES))));
    }
    await store.forget(stored, accepted);
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
