/** Bodies that the HTTP API takes. */
import { type Static, Type } from '@sinclair/typebox';

const closed = { additionalProperties: false } as const;

export const RunRequestSchema = Type.Object(
  {
    request: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{1,64}$',
        description: 'Makes the call repeatable: one request, one run',
      }),
    ),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
    hyperparameters: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
        description: 'Replace those of the specification for this run only',
      }),
    ),
  },
  { ...closed, $id: 'RunRequest' },
);

/** A manifest seals the objects that it names as one dataset; it is dropped beside them. */
export const DropManifestSchema = Type.Object(
  {
    parts: Type.Array(
      Type.Object({ key: Type.String({ minLength: 1 }), versionId: Type.Optional(Type.String()) }, closed),
      { minItems: 1, maxItems: 10_000 },
    ),
  },
  { ...closed, $id: 'DropManifest' },
);

export type RunRequest = Static<typeof RunRequestSchema>;
export type DropManifest = Static<typeof DropManifestSchema>;

/** What every refused HTTP call answers. */
export interface Problem {
  readonly error: string;
  readonly message: string;
  readonly problems?: readonly SpecificationProblem[];
}

/** One error of a specification: where it is (line and column from 1, path as a JSON pointer) and what was
 * expected there. */
export interface SpecificationProblem {
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
}
