import { dropPrefix, inboxKey } from '../../shared/aws/keys.ts';
import type { DroppedObject, IngestPorts } from './ports.ts';

/** What lies in a batch, whether or not it had joined before the batch was sealed; perhaps something twice. */
export function buildObjectsOf({ items }: Pick<IngestPorts, 'items'>) {
  return async (pipeline: string, batch: number): Promise<readonly DroppedObject[]> =>
    (await items.beneath<readonly DroppedObject[]>(inboxKey(pipeline).pk, dropPrefix(batch))).flat();
}
