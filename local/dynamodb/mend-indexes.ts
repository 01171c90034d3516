import { isDeepStrictEqual } from 'node:util';

/** An item as the API spells it: attribute values by name. */
export type Item = Readonly<Record<string, unknown>>;

export interface Index {
  readonly IndexName: string;
  readonly KeySchema: readonly { readonly AttributeName: string }[];
}

/** What mending needs of a table. */
export interface IndexedTable {
  readonly KeySchema: Index['KeySchema'];
  readonly GlobalSecondaryIndexes?: readonly Index[];
  /** All items, or all entries of an index. */
  scan(indexName?: string): Promise<readonly Item[]>;
  /** Writes an item as it is, and with it its index entries. */
  put(item: Item): Promise<void>;
}

/**
 * Brings the indexes of a table up to its items. dynalite writes index entries and item one after the other, so that a
 * process killed in between leaves an item without its entry: nobody who asks the index would ever find it again.
 * (An entry too many stays. Whoever reads an index reads the item next, as an index is always a little late.)
 * Answers how many items had lost an entry.
 */
export async function mendIndexes(table: IndexedTable): Promise<number> {
  const { KeySchema, GlobalSecondaryIndexes: indexes = [] } = table;
  const items = indexes.length > 0 ? await table.scan() : [];
  const lost = new Set<Item>();
  for (const { IndexName, KeySchema: own } of indexes) {
    const names = [...own, ...KeySchema].map(({ AttributeName }) => AttributeName);
    const keyOf = (item: Item) => JSON.stringify(names.map((name) => item[name]));
    const entries = new Map((await table.scan(IndexName)).map((entry) => [keyOf(entry), entry]));
    for (const item of items) {
      if (names.some((name) => item[name] === undefined)) continue;
      const entry = entries.get(keyOf(item));
      if (!entry || !Object.keys(entry).every((name) => isDeepStrictEqual(entry[name], item[name])))
        lost.add(item);
    }
  }
  for (const item of lost) await table.put(item);
  return lost.size;
}
