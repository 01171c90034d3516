import { layOut } from '../contracts/data-layout.ts';
import type { DataSpecification } from '../contracts/pipeline-specification.ts';

/** The declared columns in order, families unfolded, and the target's place among them. */
export interface RequestColumns {
  readonly names: readonly string[];
  readonly target: number;
}

/** The columns of a raw record. */
export function requestColumns(data: DataSpecification): RequestColumns {
  const { columns, target } = layOut(data);
  return { names: columns.map(({ name }) => name), target };
}
