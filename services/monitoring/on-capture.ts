/** Captured inferences join their model's window. */
import type { ObjectCreated } from '../../shared/contracts/aws-events.ts';
import { isObjectCreated } from '../../shared/contracts/generated/validators.mjs';
import { validated } from '../../shared/runtime/handle-event.ts';
import { log } from '../../shared/runtime/log.ts';
import { type RequestColumns, requestColumns } from '../../shared/serving/request-columns.ts';
import { asObject } from './capture-records.ts';
import { current } from './episode.ts';
import { untilSaved } from './keeper.ts';
import { hurried } from './labels.ts';
import { emptyMonitor } from './monitor.ts';
import { type CaptureObject, parseCaptureKey } from './object-names.ts';
import type { MonitoringPorts, ObjectAddress } from './ports.ts';
import { readCaptures } from './read-captures.ts';
import type { Reconcile, Workings } from './reconcile.ts';
import { admit, keepOnly } from './window.ts';

/** Takes an EventBridge event (`Object Created`) as the queue holds it. Throws PoisonEvent when it is none; a key that
 * is no capture of ours is passed over. */
export function buildOnCapture(ports: MonitoringPorts, workings: Workings, reconcile: Reconcile) {
  const { objects, settings, now } = ports;
  const { keeper, facts: finder, inTurn } = workings;

  /** Live inferences (records) in an object; undefined when it is gone. */
  async function count(address: ObjectAddress, columns: RequestColumns): Promise<number | undefined> {
    let inferences = 0;
    const isThere = await readCaptures(objects, address, columns, (record) => {
      if (record.kind === 'inference') inferences += record.inference.records.length;
      if (record.kind === 'unreadable')
        log.warn('A captured record cannot be read', { key: address.key, reason: record.reason });
    });
    return isThere ? inferences : undefined;
  }

  async function admitCapture(object: CaptureObject, inferences: number): Promise<void> {
    const stored = await keeper.open(object.pipeline);
    const facts = await finder.around(stored.state);
    if (!facts) return;
    // A new champion's windows start anew before its first capture joins one, not after.
    const state = current(stored.state, facts, now());
    const serving = facts.serving.includes(object.model);
    const size = facts.specification.monitor.window;
    const kept = keepOnly(state.windows, facts.serving);
    const windows = serving ? admit(kept, { object, inferences }, size, now()) : kept;
    const groundTruth = hurried(state.groundTruth, now());
    const isNews = windows !== kept || groundTruth.some((drop, i) => drop !== state.groundTruth[i]);
    if (isNews) await keeper.save(stored, { state: { ...state, windows, groundTruth }, events: [] }, facts);
  }

  return async (event: unknown): Promise<void> => {
    const { bucket, object } = validated<ObjectCreated>(isObjectCreated, asObject(event).detail);
    const capture = parseCaptureKey(settings.stage, object.key);
    const isOurs = capture && bucket.name === settings.artifactsBucket;
    const around = isOurs && (await finder.around(emptyMonitor(capture.pipeline)));
    if (!around) {
      log.warn('An object is no capture of our pipelines', { bucket: bucket.name, key: object.key });
      return;
    }
    const inferences = await count(
      { bucket: bucket.name, key: object.key },
      requestColumns(around.specification.data),
    );
    if (inferences === undefined) {
      log.warn('A capture is gone', { key: object.key });
      return;
    }
    await inTurn(capture.pipeline, () => untilSaved(() => admitCapture(capture, inferences)));
    await reconcile(capture.pipeline);
  };
}
