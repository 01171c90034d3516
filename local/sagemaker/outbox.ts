import { setTimeout as sleep } from 'node:timers/promises';
import type { PublishServiceEvent } from '../ports.ts';
import type { Store } from './store.ts';

export interface Outbox {
  /** Publishes what is pending, soon. */
  wake(): void;
  close(): Promise<void>;
}

const RETRY_MS = 250;

/** Hands stored events to the bus in order, each at least once: an event leaves the store after the bus has it. */
export function createOutbox(store: Store, publish: PublishServiceEvent): Outbox {
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  let again = false;

  async function drain(): Promise<void> {
    for (;;) {
      const [next] = store.pendingEvents(1);
      if (!next || closing.signal.aborted) return;
      try {
        await publish(next.event);
        store.removeEvent(next.id);
      } catch (error) {
        console.error(`SageMaker event not published, will retry: ${String(error)}`);
        await sleep(RETRY_MS, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  function wake(): void {
    again = true;
    running ??= (async () => {
      while (again && !closing.signal.aborted) {
        again = false;
        await drain();
      }
    })().finally(() => {
      running = undefined;
    });
  }

  return {
    wake,
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
