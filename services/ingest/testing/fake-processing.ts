/** For tests: Processing jobs that keep their state as SageMaker's do; a name is taken for ever. One that completes has
 * really done its work: that with Spark has prepared its dataset, by the other batch engine. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseS3Uri } from '../../../shared/contracts/s3-uri.ts';
import { withFolder } from '../adapters.ts';
import type { ProcessingJobs, ProcessingOrder, ProcessingState } from '../ports.ts';
import { prepareDataset } from '../prepare/prepare-dataset.ts';
import { resourcesOf } from '../prepare/session.ts';
import type { MemoryStorage } from './memory-storage.ts';

export interface FakeProcessing extends ProcessingJobs {
  /** In the order of their beginnings. */
  readonly orders: readonly ProcessingOrder[];
  complete(name: string): Promise<void>;
  completeAll(): Promise<void>;
  fail(name: string, reason: string, fault: { again?: boolean; told?: boolean }): void;
}

export type Work = (order: ProcessingOrder) => Promise<void>;

export function createFakeProcessing(work: Work): FakeProcessing {
  const orders: ProcessingOrder[] = [];
  const states = new Map<string, ProcessingState>();

  async function complete(name: string): Promise<void> {
    await work(orders.find((order) => order.name === name)!);
    states.set(name, { status: 'completed' });
  }

  return {
    orders,
    describe: async (name) => states.get(name),
    runOf: async (name) => orders.find((order) => order.name === name)?.runId,
    start: async (order) => {
      if (states.has(order.name)) return;
      orders.push(order);
      states.set(order.name, { status: 'running' });
    },
    complete,
    completeAll: async () => {
      for (const [name, { status }] of states) if (status === 'running') await complete(name);
    },
    fail: (name, reason, { again = false, told = false }) =>
      void states.set(name, { status: 'failed', reason, again, told }),
  };
}

export function prepareWith(storage: MemoryStorage): Work {
  return async ({ request, output }) => {
    const { bucket, key } = parseS3Uri(request);
    const asked = JSON.parse(storage.text(bucket, `${key}request.json`) ?? '');
    const to = parseS3Uri(output);
    await withFolder(async (directory) => {
      const { files } = await prepareDataset({
        data: asked.data,
        directory,
        resources: resourcesOf(1024),
        limits: asked.limits,
        parts: asked.parts.map(({ fresh, ...part }: { fresh: boolean; bucket: string; key: string }) => ({
          part: part as never,
          fresh,
          open: () => storage.open(part as never),
        })),
      });
      for (const file of files)
        storage.put(to.bucket, `${to.key}${file}`, await readFile(join(directory, file), 'utf8'));
    });
  };
}
