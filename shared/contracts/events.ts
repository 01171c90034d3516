/** Every event on the lifecycle bus, declared once: validators, rules and types derive from here. */
import { type Static, type TObject, type TProperties, Type } from '@sinclair/typebox';
import { PIPELINE_NAME } from './names.ts';

export type Service = 'ingest' | 'training' | 'deployment' | 'monitoring';

const text = Type.String({ minLength: 1, maxLength: 2048 });
const count = Type.Integer({ minimum: 0 });
const S3Pointer = Type.String({ pattern: '^s3://', description: 'Where a larger fact lies' });

const common = {
  pipeline: Type.String({ pattern: PIPELINE_NAME }),
  runId: text,
  version: Type.Integer({ minimum: 1, description: 'Version of the run that the event tells of' }),
};

/** `source` is `ratchet.<service>`; the version lives in the name. Further members are allowed, so that an older
 * consumer reads a newer event. */
function declare<T extends TProperties>(service: Service, name: string, properties: T) {
  const detail = Type.Object({ ...common, ...properties }, { $id: name, title: name });
  return { service, name, source: `ratchet.${service}`, detail } as const;
}

export const contracts = {
  'DatasetReceived.v1': declare('ingest', 'DatasetReceived.v1', { cause: text, parts: count }),
  'DatasetPrepared.v1': declare('ingest', 'DatasetPrepared.v1', {
    dataset: text,
    rows: count,
    quarantined: count,
    manifest: S3Pointer,
    warnings: Type.Optional(Type.Array(text)),
  }),
  'DatasetRejected.v1': declare('ingest', 'DatasetRejected.v1', {
    reason: text,
    quarantine: Type.Optional(S3Pointer),
  }),
  'TrainingStarted.v1': declare('training', 'TrainingStarted.v1', { job: text, attempt: count }),
  'ModelTrained.v1': declare('training', 'ModelTrained.v1', { model: text, artifact: S3Pointer }),
  'TrainingFailed.v1': declare('training', 'TrainingFailed.v1', { job: text, reason: text }),
  'EvaluationStarted.v1': declare('deployment', 'EvaluationStarted.v1', {
    model: text,
    champion: Type.Optional(text),
  }),
  'ModelApproved.v1': declare('deployment', 'ModelApproved.v1', { model: text, report: S3Pointer }),
  'ModelRejected.v1': declare('deployment', 'ModelRejected.v1', {
    model: text,
    reason: text,
    report: Type.Optional(S3Pointer),
  }),
  'CanaryStarted.v1': declare('deployment', 'CanaryStarted.v1', {
    model: text,
    champion: text,
    weight: Type.Number(),
  }),
  'CanaryAdvanced.v1': declare('deployment', 'CanaryAdvanced.v1', { model: text, weight: Type.Number() }),
  'ModelPromoted.v1': declare('deployment', 'ModelPromoted.v1', {
    model: text,
    replaced: Type.Optional(text),
  }),
  'CanaryRolledBack.v1': declare('deployment', 'CanaryRolledBack.v1', {
    model: text,
    champion: text,
    reason: text,
  }),
  'GroundTruthReceived.v1': declare('monitoring', 'GroundTruthReceived.v1', {
    matched: count,
    unmatched: count,
  }),
  'DriftDetected.v1': declare('monitoring', 'DriftDetected.v1', {
    model: text,
    features: count,
    report: S3Pointer,
  }),
  'QualityDegraded.v1': declare('monitoring', 'QualityDegraded.v1', {
    model: text,
    metric: text,
    value: Type.Number(),
    expected: Type.Number(),
  }),
  'RetrainingRequested.v1': declare('monitoring', 'RetrainingRequested.v1', {
    reason: text,
    labelled: count,
    part: S3Pointer,
  }),
  'RetrainingSuppressed.v1': declare('monitoring', 'RetrainingSuppressed.v1', { reason: text }),
  'RunFailed.v1': declare('training', 'RunFailed.v1', { reason: text, stage: text }),
} as const satisfies Record<string, { detail: TObject; name: string }>;

export type EventName = keyof typeof contracts;
export type EventDetail<N extends EventName = EventName> = Static<(typeof contracts)[N]['detail']>;

/** An event before it has an id: a name and its detail. `service` says who publishes it when that is not the
 * contract's own (any service may end a run with `RunFailed.v1`). */
export type LifecycleEvent = {
  [N in EventName]: { readonly name: N; readonly detail: EventDetail<N>; readonly service?: Service };
}[EventName];

/** The events as EventBridge hands them to a function. */
export interface Delivered<N extends EventName = EventName> {
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': N;
  readonly time: string;
  readonly detail: EventDetail<N>;
}
