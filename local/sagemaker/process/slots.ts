/** A number of places that work may hold at once; who finds none waits, first come, first served. */
export interface Slots {
  readonly free: boolean;
  /** Waits for a place and gives the function that returns it. Rejects when `signal` aborts first. */
  take(signal: AbortSignal): Promise<() => void>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];

  function release(): void {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  function once(action: () => void): () => void {
    let done = false;
    return () => {
      if (!done) action();
      done = true;
    };
  }

  return {
    get free() {
      return free > 0;
    },
    take: async (signal) => {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return once(release);
      }
      const turn = Promise.withResolvers<void>();
      waiting.push(turn.resolve);
      const leave = () => {
        const at = waiting.indexOf(turn.resolve);
        if (at >= 0) waiting.splice(at, 1);
        // Without a place in the queue the turn has already come, and stays.
        if (at >= 0) turn.reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      await turn.promise.finally(() => signal.removeEventListener('abort', leave));
      return once(release);
    },
  };
}
