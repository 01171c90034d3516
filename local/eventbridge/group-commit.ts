interface Waiting<T> {
  readonly items: readonly T[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Collects what is added within one turn of the event loop and writes it at once: a burst costs one transaction. */
export function createGroupCommit<T>(write: (items: readonly T[]) => void) {
  let waiting: Waiting<T>[] = [];

  function flush(): void {
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    try {
      write(group.flatMap(({ items }) => items));
      for (const { done } of group) done();
    } catch (error) {
      for (const { failed } of group) failed(error);
    }
  }

  return {
    /** Resolves once the items are written; rejects when they are not. */
    add: (items: readonly T[]) =>
      new Promise<void>((done, failed) => {
        if (waiting.push({ items, done, failed }) === 1) setImmediate(flush);
      }),
    /** Writes what waits, now. */
    flush,
  };
}
