/** Every aggregate (run, pipeline, batch, window) is one item: its state, its version, and the events that tell of
 * its last transitions until they are published (the outbox). States and events are kept as JSON text: a DynamoDB map
 * does not keep the order of its members, and a specification's order has a meaning (one-hot features). */
import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { LifecycleEvent } from '../contracts/events.ts';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** When the item wants to be looked at again, and by which service's sweeper. `at` is epoch milliseconds. */
export interface Due {
  readonly owner: string;
  readonly at: number;
}

export interface Stored<S> {
  readonly key: Key;
  readonly version: number;
  readonly state: S;
  /** Events not yet known to be published, by id. */
  readonly pending: Readonly<Record<string, LifecycleEvent>>;
  readonly due?: Due;
}

/** Another writer was faster: load again and decide again. */
export class Conflict extends Error {
  readonly code = 'Conflict';
  constructor(key: Key) {
    super(`${key.pk}/${key.sk} was changed by another writer`);
  }
}

export interface Change<S> {
  readonly state: S;
  readonly events?: readonly LifecycleEvent[];
  readonly due?: Due | undefined;
}

/** Where lists find an item: `key` names the list, `order` sorts in it. */
export interface ListPlace {
  readonly key: string;
  readonly order: string;
}

export interface Page<S> {
  readonly items: readonly S[];
  readonly next?: string;
}

export interface ItemStore {
  /** A consistent read. */
  load<S>(key: Key): Promise<Stored<S> | undefined>;
  /** Consistent reads of many items, in few calls; in the order of their keys, undefined where there is none. */
  loadAll<S>(keys: readonly Key[]): Promise<readonly (Stored<S> | undefined)[]>;
  /** Writes version 1. Answers undefined when the item is there already. */
  create<S>(key: Key, change: Change<S>, place?: ListPlace): Promise<Stored<S> | undefined>;
  /** Writes the next version, its events with it. Throws Conflict when the stored version is another. */
  commit<S>(stored: Stored<S>, change: Change<S>): Promise<Stored<S>>;
  /** Takes published events out of the item; its version stays. */
  forget(stored: Stored<unknown>, eventIds: readonly string[]): Promise<void>;
  /** Moves only the due time (no transition, no new version). */
  postpone(stored: Stored<unknown>, due: Due | undefined): Promise<void>;
  /** Keys of items that wanted to be looked at by `now`, the longest-waiting first. Eventually consistent. */
  due(owner: string, now: number, limit: number): Promise<readonly Key[]>;
  /** The states of all items of a partition whose sort key begins with `prefix`, in its order. A consistent read. */
  beneath<S>(pk: string, prefix: string): Promise<readonly S[]>;
  /** One page of a list, newest first unless `oldestFirst`. */
  list<S>(
    list: string,
    page: { limit: number; next?: string | undefined; oldestFirst?: boolean },
  ): Promise<Page<S>>;
}

/** While events wait for publication, the sweeper of the service that wrote them looks after this time. */
const OUTBOX_GRACE_MS = 5_000;

export const dueIndex = 'due';
export const listIndex = 'list';

/** What BatchGetItem takes. */
const MOST_KEYS = 100;

const marshalOptions = { removeUndefinedValues: true } as const;

const nameOf = ({ pk, sk }: Key): string => JSON.stringify([pk, sk]);

function eventId(key: Key, version: number, index: number): string {
  return `${key.sk}-${version}-${index}`;
}

function outbox(
  key: Key,
  version: number,
  events: readonly LifecycleEvent[] = [],
): Record<string, LifecycleEvent> {
  return Object.fromEntries(events.map((event, index) => [eventId(key, version, index), event]));
}

/** Pending events keep the item in its writer's due index, whoever's turn is next: only the writer may publish them. */
function effectiveDue(
  change: Change<unknown>,
  pending: Record<string, unknown>,
  owner: string,
  now: number,
): Due | undefined {
  if (Object.keys(pending).length === 0) return change.due;
  const at = now + OUTBOX_GRACE_MS;
  return { owner, at: change.due?.owner === owner ? Math.min(change.due.at, at) : at };
}

/** `owner` is the service that writes: its sweeper publishes what was left pending. */
export function createItemStore(options: {
  client: DynamoDBClient;
  tableName: string;
  owner: string;
  now: () => number;
}): ItemStore {
  const { client, tableName: TableName, owner, now } = options;

  async function put<S>(
    item: Stored<S>,
    condition: Record<string, unknown>,
    place?: ListPlace,
  ): Promise<boolean> {
    try {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: marshall(
            {
              ...item.key,
              version: item.version,
              state: textOf(item.state),
              pendingEvents: Object.fromEntries(
                Object.entries(item.pending).map(([id, event]) => [id, JSON.stringify(event)]),
              ),
              ...(item.due ? { owner: item.due.owner, nextActionAt: item.due.at } : {}),
              ...(place ? { listKey: place.key, listOrder: place.order } : {}),
            },
            marshalOptions,
          ),
          ...condition,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async function update(
    stored: Stored<unknown>,
    expression: string,
    names: Record<string, string>,
    values: object,
  ) {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key: marshall(stored.key),
          UpdateExpression: expression,
          ConditionExpression: '#version = :expected',
          ExpressionAttributeNames: { '#version': 'version', ...names },
          ExpressionAttributeValues: marshall({ ':expected': stored.version, ...values }, marshalOptions),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** BatchGetItem answers in any order, and as much as fits into 16 MB. */
  async function batch(keys: readonly Key[]): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    let left: Record<string, AttributeValue>[] = keys.map((key) => marshall(key));
    while (left.length > 0) {
      const answer: BatchGetItemCommandOutput = await client.send(
        new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: left, ConsistentRead: true } } }),
      );
      items.push(...(answer.Responses?.[TableName] ?? []).map((item) => unmarshall(item)));
      left = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
    }
    return items;
  }

  return {
    async load<S>(key: Key) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: marshall(key), ConsistentRead: true }),
      );
      return Item ? fromItem<S>(unmarshall(Item)) : undefined;
    },

    async loadAll<S>(keys: readonly Key[]) {
      const found = new Map<string, Stored<S>>();
      const distinct = [...new Map(keys.map(({ pk, sk }) => [nameOf({ pk, sk }), { pk, sk }])).values()];
      for (let from = 0; from < distinct.length; from += MOST_KEYS) {
        for (const item of await batch(distinct.slice(from, from + MOST_KEYS))) {
          const stored = fromItem<S>(item);
          found.set(nameOf(stored.key), stored);
        }
      }
      return keys.map((key) => found.get(nameOf(key)));
    },

    async create<S>(key: Key, change: Change<S>, place?: ListPlace) {
      const pending = outbox(key, 1, change.events);
      const due = effectiveDue(change, pending, owner, now());
      const stored: Stored<S> = { key, version: 1, state: change.state, pending, ...(due ? { due } : {}) };
      const created = await put(stored, { ConditionExpression: 'attribute_not_exists(pk)' }, place);
      return created ? stored : undefined;
    },

    async commit<S>(stored: Stored<S>, change: Change<S>) {
      const version = stored.version + 1;
      const added = outbox(stored.key, version, change.events);
      const pending = { ...stored.pending, ...added };
      const due = effectiveDue(change, pending, owner, now());
      const additions = Object.entries(added);
      const sets = [
        '#version = :version',
        '#state = :state',
        ...additions.map((_, i) => `#pending.#e${i} = :e${i}`),
      ];
      if (due) sets.push('#owner = :owner', '#at = :at');
      const written = await update(
        stored,
        `SET ${sets.join(', ')}${due ? '' : ' REMOVE #owner, #at'}`,
        {
          '#state': 'state',
          '#owner': 'owner',
          '#at': 'nextActionAt',
          ...(additions.length > 0 ? { '#pending': 'pendingEvents' } : {}),
          ...Object.fromEntries(additions.map(([id], i) => [`#e${i}`, id])),
        },
        {
          ':version': version,
          ':state': textOf(change.state),
          ...(due ? { ':owner': due.owner, ':at': due.at } : {}),
          ...Object.fromEntries(additions.map(([, event], i) => [`:e${i}`, JSON.stringify(event)])),
        },
      );
      if (!written) throw new Conflict(stored.key);
      return { key: stored.key, version, state: change.state, pending, ...(due ? { due } : {}) };
    },

    async forget(stored, eventIds) {
      if (eventIds.length === 0) return;
      const names = Object.fromEntries(eventIds.map((id, i) => [`#e${i}`, id]));
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key: marshall(stored.key),
          UpdateExpression: `REMOVE ${eventIds.map((_, i) => `#pending.#e${i}`).join(', ')}`,
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeNames: { '#pending': 'pendingEvents', ...names },
        }),
      );
    },

    async postpone(stored, due) {
      const names = { '#owner': 'owner', '#at': 'nextActionAt' };
      // Losing against a newer version is right: that version has set its own due time.
      if (due)
        await update(stored, 'SET #owner = :owner, #at = :at', names, { ':owner': due.owner, ':at': due.at });
      else await update(stored, 'REMOVE #owner, #at', names, {});
    },

    async due(dueOwner, time, limit) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          IndexName: dueIndex,
          KeyConditionExpression: '#owner = :owner AND #at <= :now',
          ExpressionAttributeNames: { '#owner': 'owner', '#at': 'nextActionAt' },
          ExpressionAttributeValues: marshall({ ':owner': dueOwner, ':now': time }),
          Limit: limit,
        }),
      );
      return Items.map((item) => unmarshall(item)).map(({ pk, sk }) => ({ pk, sk }) as Key);
    },

    async beneath<S>(pk: string, prefix: string) {
      const states: S[] = [];
      let from: QueryCommandOutput['LastEvaluatedKey'];
      do {
        const page: QueryCommandOutput = await client.send(
          new QueryCommand({
            TableName,
            ConsistentRead: true,
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
            ExpressionAttributeValues: marshall({ ':pk': pk, ':prefix': prefix }),
            ExclusiveStartKey: from,
          }),
        );
        states.push(...(page.Items ?? []).map((item) => stateOf<S>(unmarshall(item))));
        from = page.LastEvaluatedKey;
      } while (from);
      return states;
    },

    async list<S>(list: string, page: { limit: number; next?: string | undefined; oldestFirst?: boolean }) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName,
          IndexName: listIndex,
          KeyConditionExpression: 'listKey = :list',
          ExpressionAttributeValues: marshall({ ':list': list }),
          ScanIndexForward: page.oldestFirst ?? false,
          Limit: page.limit,
          ...(page.next
            ? { ExclusiveStartKey: marshall(JSON.parse(Buffer.from(page.next, 'base64url').toString())) }
            : {}),
        }),
      );
      const items = Items.map((item) => stateOf<S>(unmarshall(item)));
      if (!LastEvaluatedKey) return { items };
      return { items, next: Buffer.from(JSON.stringify(unmarshall(LastEvaluatedKey))).toString('base64url') };
    },
  };
}

/** A state as JSON text. Throws RangeError on NaN and infinity, which would silently come back as null. */
function textOf(state: unknown): string {
  return JSON.stringify(state, (_, member: unknown) => {
    if (typeof member === 'number' && !Number.isFinite(member)) {
      throw new RangeError(`${member} is not allowed in a stored state`);
    }
    return member;
  });
}

const stateOf = <S>(item: Record<string, unknown>): S => JSON.parse(item.state as string) as S;

function fromItem<S>(item: Record<string, unknown>): Stored<S> {
  const { pk, sk, version, state, pendingEvents, owner, nextActionAt } = item;
  return {
    key: { pk: pk as string, sk: sk as string },
    version: version as number,
    state: JSON.parse(state as string) as S,
    pending: Object.fromEntries(
      Object.entries((pendingEvents ?? {}) as Record<string, string>).map(([id, event]) => [
        id,
        JSON.parse(event) as LifecycleEvent,
      ]),
    ),
    ...(owner ? { due: { owner: owner as string, at: nextActionAt as number } } : {}),
  };
}
