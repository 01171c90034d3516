/** Dropped labels are read, their bad lines reported; then they look for their inferences. */
import type { ObjectCreated } from '../../shared/contracts/aws-events.ts';
import { isObjectCreated } from '../../shared/contracts/generated/validators.mjs';
import { shortHash } from '../../shared/contracts/names.ts';
import { validated } from '../../shared/runtime/handle-event.ts';
import { log } from '../../shared/runtime/log.ts';
import { asObject } from './capture-records.ts';
import { collectLabels, type GroundTruthObject } from './ground-truth-records.ts';
import { writeGroundTruthReport } from './ground-truth-report.ts';
import { untilSaved } from './keeper.ts';
import { admitDrop, type NewDrop } from './labels.ts';
import { emptyMonitor } from './monitor.ts';
import { pipelineOfGroundTruth } from './object-names.ts';
import { type MonitoringPorts, type ObjectAddress, ObjectMissing } from './ports.ts';
import type { Reconcile, Workings } from './reconcile.ts';
import { type TargetLabels, targetLabels } from './target-labels.ts';

/** Takes an EventBridge event (`Object Created`) as the queue holds it. Throws PoisonEvent when it is none, and
 * TooManyOpenDrops when the message has to come again. */
export function buildOnGroundTruth(ports: MonitoringPorts, workings: Workings, reconcile: Reconcile) {
  const { objects, settings } = ports;
  const { keeper, facts: finder, inTurn } = workings;

  async function read(address: ObjectAddress, target: TargetLabels): Promise<GroundTruthObject | undefined> {
    try {
      return await collectLabels(objects.lines(address), target);
    } catch (error) {
      if (error instanceof ObjectMissing) return undefined;
      throw error;
    }
  }

  async function admit(pipeline: string, drop: NewDrop): Promise<void> {
    const stored = await keeper.open(pipeline);
    const facts = await finder.around(stored.state);
    const decision = facts && admitDrop(stored.state, drop, keeper.turnOf(stored));
    if (facts && decision) await keeper.save(stored, decision, facts);
  }

  return async (event: unknown): Promise<void> => {
    const { bucket, object } = validated<ObjectCreated>(isObjectCreated, asObject(event).detail);
    const pipeline = pipelineOfGroundTruth(object.key);
    const known = pipeline && (await finder.around(emptyMonitor(pipeline)));
    if (!pipeline || !known || bucket.name !== settings.dropBucket) {
      log.warn('Ground truth belongs to no pipeline', { bucket: bucket.name, key: object.key });
      return;
    }
    const versionId = object['version-id'];
    const address = { bucket: bucket.name, key: object.key, ...(versionId ? { versionId } : {}) };
    const found = await read(address, targetLabels(known.specification.data));
    if (!found) {
      log.warn('Ground truth is gone', { key: object.key });
      return;
    }
    const drop = await noted(pipeline, object.key, found);
    await inTurn(pipeline, () => untilSaved(() => admit(pipeline, drop)));
    await reconcile(pipeline);
  };

  async function noted(pipeline: string, key: string, found: GroundTruthObject): Promise<NewDrop> {
    const { labels, malformed, malformedCount, content } = found;
    const id = shortHash(content, 20);
    const report = await writeGroundTruthReport(ports, pipeline, id, {
      formatVersion: 1,
      object: key,
      records: labels.length + malformedCount,
      matched: 0,
      malformedCount,
      malformed,
      mismatched: [],
      unusable: 0,
      parts: [],
      unmatched: labels,
    });
    return { id, object: key, labels: labels.length, malformed: malformedCount, report };
  }
}
