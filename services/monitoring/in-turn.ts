/** Lets the messages of one batch that concern one pipeline pass one after the other, so that they do not race each
 * other for its item. Other processes are met by the item's version. */
export type InTurn = <T>(name: string, act: () => Promise<T>) => Promise<T>;

export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (name, act) => {
    const before = last.get(name) ?? Promise.resolve();
    const mine = before.then(act, act);
    last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
  };
}
