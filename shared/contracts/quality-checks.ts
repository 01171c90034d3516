/** The gates of a specification (`data.quality.checks`), each with the keys that it needs. */
import type { DataSpecification } from './data-schema.ts';

interface Gate {
  readonly otherwise: 'warn' | 'reject';
}

export type QualityCheck = Gate &
  (
    | { readonly check: 'completeness'; readonly column: string; readonly minimum: number }
    | { readonly check: 'uniqueness'; readonly columns: readonly string[]; readonly minimum: number }
    | {
        readonly check: 'allowed-values';
        readonly column: string;
        readonly values: readonly (string | number)[];
        readonly minimum: number;
      }
    | { readonly check: 'label-balance'; readonly minimum: number }
    | { readonly check: 'schema-change' }
    | { readonly check: 'near-duplicates'; readonly maximum: number }
  );

/** What is written for one check, before its rules are known to hold. */
export type WrittenCheck = NonNullable<DataSpecification['quality']['checks']>[number];
type Key = Exclude<keyof WrittenCheck, 'check' | 'otherwise'>;

/** The keys of each check; all but a share that all rows must reach are needed. */
export const CHECK_KEYS: Readonly<
  Record<WrittenCheck['check'], { readonly needs: readonly Key[]; readonly may: readonly Key[] }>
> = {
  completeness: { needs: ['column', 'minimum'], may: [] },
  uniqueness: { needs: ['columns'], may: ['minimum'] },
  'allowed-values': { needs: ['column', 'values'], may: ['minimum'] },
  'label-balance': { needs: ['minimum'], may: [] },
  'schema-change': { needs: [], may: [] },
  'near-duplicates': { needs: ['maximum'], may: [] },
};

/** The gates of a specification that `parseSpecification` accepted. A `minimum` that is not written is 1. */
export function qualityChecks({ quality }: DataSpecification): readonly QualityCheck[] {
  return (quality.checks ?? []).map((written) => {
    const { needs, may } = CHECK_KEYS[written.check];
    const wanted = [...needs, ...may].includes('minimum') && written.minimum === undefined;
    return (wanted ? { ...written, minimum: 1 } : written) as QualityCheck;
  });
}
