/** The AWS events that our rules let through, as far as we read them. Hints only: what they say is read again. */
import { type Static, Type } from '@sinclair/typebox';

const detailOf = <T extends Record<string, ReturnType<typeof Type.String>>>(properties: T, $id: string) =>
  Type.Object(properties, { $id });

const name = Type.String({ minLength: 1 });

export const ObjectCreatedSchema = Type.Object(
  {
    bucket: Type.Object({ name }),
    object: Type.Object({
      key: name,
      size: Type.Optional(Type.Number()),
      'version-id': Type.Optional(Type.String()),
      sequencer: Type.Optional(Type.String()),
    }),
  },
  { $id: 'ObjectCreated' },
);
export const TrainingJobStateSchema = detailOf(
  { TrainingJobName: name, TrainingJobStatus: name },
  'TrainingJobState',
);
export const TransformJobStateSchema = detailOf(
  { TransformJobName: name, TransformJobStatus: name },
  'TransformJobState',
);
export const ProcessingJobStateSchema = detailOf(
  { ProcessingJobName: name, ProcessingJobStatus: name },
  'ProcessingJobState',
);
export const EndpointStateSchema = detailOf({ EndpointName: name, EndpointStatus: name }, 'EndpointState');

export type ObjectCreated = Static<typeof ObjectCreatedSchema>;
export type TrainingJobState = Static<typeof TrainingJobStateSchema>;
export type TransformJobState = Static<typeof TransformJobStateSchema>;
export type ProcessingJobState = Static<typeof ProcessingJobStateSchema>;
export type EndpointState = Static<typeof EndpointStateSchema>;
