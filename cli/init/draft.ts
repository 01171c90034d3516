/** What `ratchet init` writes, before it is text. */
import type { ColumnSpecification } from '../../shared/contracts/pipeline-specification.ts';

/** A column as a person would declare it: what has a default is left out. */
export type WrittenColumn = Readonly<Partial<ColumnSpecification>> &
  Pick<ColumnSpecification, 'name' | 'type'>;

export interface DraftColumn {
  readonly column: WrittenColumn;
  readonly isFeature: boolean;
  /** Why it is declared as it is. */
  readonly comment?: string;
  /** Positions of the sampled rows that this declaration sets aside. */
  readonly setAside: readonly number[];
  /** Share of the sampled cells that are blank. */
  readonly blank: number;
}

/** A column that is not declared, and why. */
export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

export const isLeftOut = (drafted: DraftColumn | LeftOut): drafted is LeftOut => 'why' in drafted;

/** A comment with a place in the specification: above it, or behind it on its line. */
export interface Comment {
  readonly path: readonly (string | number)[];
  readonly above?: string;
  readonly behind?: string;
}

/** A value of the data as a comment shows it: on one line, and short. */
export const quoted = (text: string): string => {
  const characters = Array.from(text);
  return JSON.stringify(characters.length > 30 ? `${characters.slice(0, 29).join('')}…` : text);
};
