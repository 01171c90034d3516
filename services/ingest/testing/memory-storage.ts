/** For tests: objects with versions, as S3 keeps them. */
import { readFile } from 'node:fs/promises';
import type { Origin } from '../../../shared/lifecycle/run.ts';
import type { DroppedObject, ObjectStorage } from '../ports.ts';

interface Version extends DroppedObject {
  readonly content: string;
}

export interface MemoryStorage extends ObjectStorage {
  /** Writes an object; answers what its event says. */
  put(bucket: string, key: string, content: string, origin?: Origin): DroppedObject;
  text(bucket: string, key: string): string | undefined;
  keys(bucket: string): string[];
}

export function createMemoryStorage(now: () => number): MemoryStorage {
  const objects = new Map<string, Version[]>();
  let sequence = 0;
  const place = (bucket: string, key: string): string => `${bucket}/${key}`;
  const latest = (bucket: string, key: string): Version | undefined =>
    objects.get(place(bucket, key))?.at(-1);

  function put(bucket: string, key: string, content: string, origin?: Origin): DroppedObject {
    sequence += 1;
    const version: Version = {
      bucket,
      key,
      versionId: `v${sequence}`,
      size: Buffer.byteLength(content),
      sequencer: sequence.toString(16).toUpperCase(),
      modifiedAt: now(),
      content,
      ...(origin ? { origin } : {}),
    };
    objects.set(place(bucket, key), [...(objects.get(place(bucket, key)) ?? []), version]);
    const { content: _, ...object } = version;
    return object;
  }

  function find(bucket: string, key: string, versionId?: string): Version | undefined {
    const versions = objects.get(place(bucket, key)) ?? [];
    return versionId ? versions.find((version) => version.versionId === versionId) : versions.at(-1);
  }

  const keys = (bucket: string): string[] =>
    [...objects.keys()]
      .filter((name) => name.startsWith(`${bucket}/`))
      .map((name) => name.slice(bucket.length + 1))
      .sort();

  return {
    put,
    keys,
    text: (bucket, key) => latest(bucket, key)?.content,
    // S3's answer to a HEAD has no sequencer.
    head: async (bucket, key, versionId) => {
      const found = find(bucket, key, versionId);
      if (!found) return undefined;
      const { content: _, ...object } = found;
      return { ...object, sequencer: '' };
    },
    async *list(bucket, prefix) {
      for (const key of keys(bucket)) {
        const object = latest(bucket, key);
        if (!object || !key.startsWith(prefix)) continue;
        const { content: _, ...listed } = object;
        yield { ...listed, sequencer: '' };
      }
    },
    open: async ({ bucket, key, versionId }) => {
      const found = find(bucket, key, versionId);
      if (!found) throw new Error(`s3://${bucket}/${key} is not there`);
      return (async function* () {
        yield Buffer.from(found.content);
      })();
    },
    readText: async (bucket, key, limit) => {
      const found = latest(bucket, key);
      if (found && found.size > limit) throw new Error(`s3://${bucket}/${key} is larger than ${limit} bytes`);
      return found?.content;
    },
    writeFile: async (bucket, key, path) => {
      put(bucket, key, await readFile(path, 'utf8'));
    },
    writeText: async (bucket, key, text) => {
      put(bucket, key, text);
    },
    copy: async (bucket, from, to) => {
      const found = latest(bucket, from);
      if (!found) throw new Error(`s3://${bucket}/${from} is not there`);
      put(bucket, to, found.content);
    },
    writeOnce: async (bucket, key, path, origin) => {
      const content = await readFile(path, 'utf8');
      if (!latest(bucket, key)) put(bucket, key, content, origin);
    },
    copyOnce: async (from, to, origin) => {
      const found = latest(from.bucket, from.key);
      if (!found) throw new Error(`s3://${from.bucket}/${from.key} is not there`);
      if (!latest(to.bucket, to.key)) put(to.bucket, to.key, found.content, origin);
    },
    remove: async (bucket, key) => {
      objects.delete(place(bucket, key));
    },
    removeAll: async (bucket, prefix) => {
      for (const key of keys(bucket)) if (key.startsWith(prefix)) objects.delete(place(bucket, key));
    },
  };
}
