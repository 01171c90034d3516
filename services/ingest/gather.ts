/**
 * Gathers calls that are made while `work` is busy with the same key, and hands them to it together: many writers of one
 * process become one. Each caller is told how the call that took its item ended.
 */
export function gather<T>(
  work: (key: string, items: readonly T[]) => Promise<void>,
): (key: string, item: T) => Promise<void> {
  const busy = new Map<string, Promise<void>>();
  const waiting = new Map<string, { readonly items: T[]; readonly done: Promise<void> }>();

  async function afterOthers(key: string, items: readonly T[]): Promise<void> {
    // Those who are called in one turn come together.
    await Promise.resolve();
    await busy.get(key)?.catch(() => undefined);
    waiting.delete(key);
    const working = work(key, items);
    busy.set(key, working);
    await working.finally(() => {
      if (busy.get(key) === working) busy.delete(key);
    });
  }

  return (key, item) => {
    const group = waiting.get(key);
    if (group) {
      group.items.push(item);
      return group.done;
    }
    const items = [item];
    const done = afterOthers(key, items);
    waiting.set(key, { items, done });
    return done;
  };
}
