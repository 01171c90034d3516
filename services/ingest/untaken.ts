/** Which of many objects nobody has taken yet. The sweep looks at every young object again: asking for each as if it were
 * new would be the most work of a storm. */
import { runKey, seenKey } from '../../shared/aws/keys.ts';
import { runIdOf } from '../../shared/contracts/names.ts';
import type { Pipeline } from '../../shared/lifecycle/pipeline.ts';
import { dropPlace } from './drop-place.ts';
import { identityOf, sealOf } from './inbox.ts';
import { isJoined, objectId } from './join-batch.ts';
import type { DroppedObject, IngestPorts } from './ports.ts';

/** Answers the objects that `take` would still do something with, as far as is known now. */
export function buildFindUntaken({ items }: Pick<IngestPorts, 'items'>) {
  return async (
    { name, specification }: Pipeline,
    objects: readonly DroppedObject[],
  ): Promise<readonly DroppedObject[]> => {
    const seal = sealOf(specification.data.seal);
    const joins = (object: DroppedObject) => seal.kind === 'quiet' && dropPlace(object.key).kind === 'data';
    const found = await items.loadAll(
      objects.map((object) =>
        joins(object) ? seenKey(name, objectId(object)) : runKey(name, runIdOf(name, identityOf(object))),
      ),
    );
    return objects.filter((object, index) => {
      const stored = found[index];
      return !(stored && (!joins(object) || isJoined(stored.state)));
    });
  };
}
