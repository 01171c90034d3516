/** For tests: objects in memory. */
import { type ListedObject, type ObjectAddress, ObjectMissing, type Objects } from '../ports.ts';

export interface MemoryObjects extends Objects {
  put(address: ObjectAddress, text: string): void;
  text(address: ObjectAddress): string;
  keys(bucket: string, prefix: string): readonly string[];
}

export function createMemoryObjects(now: () => number): MemoryObjects {
  const objects = new Map<string, { readonly text: string; readonly writtenAt: number }>();
  const nameOf = ({ bucket, key }: ObjectAddress): string => `${bucket}\n${key}`;

  function text(address: ObjectAddress): string {
    const object = objects.get(nameOf(address));
    if (!object) throw new ObjectMissing(`${address.key} is not there`);
    return object.text;
  }
  function put(address: ObjectAddress, content: string): void {
    objects.set(nameOf(address), { text: content, writtenAt: now() });
  }
  const keys = (bucket: string, prefix: string): readonly string[] =>
    [...objects.keys()]
      .map((name) => name.split('\n') as [string, string])
      .filter(([owner, key]) => owner === bucket && key.startsWith(prefix))
      .map(([, key]) => key)
      .sort();

  return {
    put,
    text,
    keys,
    lines: async function* (address) {
      const lines = text(address).split('\n');
      yield* lines.at(-1) === '' ? lines.slice(0, -1) : lines;
    },
    json: async (address) => JSON.parse(text(address)),
    listSince: async ({ bucket, prefix, after }) =>
      keys(bucket, prefix)
        .filter((key) => key.slice(prefix.length).split('/').slice(1).join('/') > after)
        .map((key): ListedObject => ({ key, writtenAt: objects.get(`${bucket}\n${key}`)?.writtenAt ?? 0 })),
    writeJson: async (address, value) => put(address, JSON.stringify(value)),
    writeLines: async (address, lines) => {
      const all: string[] = [];
      for await (const line of lines) all.push(line);
      put(address, all.map((line) => `${line}\n`).join(''));
    },
  };
}
