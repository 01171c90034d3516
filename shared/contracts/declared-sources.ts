import type { DataSpecification } from './data-schema.ts';

export type SourceSpecification = NonNullable<DataSpecification['sources']>[number];

/** What a source is called: as declared, else its place in the list, from 1. */
export const sourceName = ({ name }: Pick<SourceSpecification, 'name'>, at: number): string =>
  name ?? String(at + 1);
