/** Columns whose features would be named as those of a column before them cannot stand beside it. Pure. */
import { columnNames } from '../../shared/contracts/column-names.ts';
import { layOut } from '../../shared/contracts/data-layout.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { DraftColumn, LeftOut, WrittenColumn } from './draft.ts';

export function withDistinctFeatures(drafted: readonly DraftColumn[]): {
  readonly kept: readonly DraftColumn[];
  readonly leftOut: readonly LeftOut[];
} {
  const taken = new Set<string>();
  const leftOut: LeftOut[] = [];
  const kept = drafted.filter(({ column }) => {
    const names = featureNames(column);
    const twice = names.find((name) => taken.has(name));
    for (const name of names) taken.add(name);
    if (twice !== undefined)
      leftOut.push({ name: column.name, why: `another column has the feature ${JSON.stringify(twice)}` });
    return twice === undefined;
  });
  return { kept, leftOut };
}

/** What the model sees of a column; of a family, of each of its columns. */
export function featureNames(column: WrittenColumn): readonly string[] {
  const { name } = column;
  const data = { columns: [column], derive: [], target: columnNames(name)[0]!, features: [name] };
  return layOut(data as unknown as DataSpecification).features.map((feature) => feature.name);
}
