/** What the statements of one specification are made from, worked out once. */
import { type Feature, layOut } from '../../../../shared/contracts/data-layout.ts';
import type {
  ColumnSpecification,
  DataSpecification,
  DerivedSpecification,
} from '../../../../shared/contracts/pipeline-specification.ts';
import { type ColumnReader, columnReader } from '../../../../shared/preparation/column-reader.ts';

export interface PlannedColumn {
  readonly name: string;
  /** Position among the declared columns: its cell is `c<at>`, its value `v<at>`. */
  readonly at: number;
  readonly column: ColumnSpecification;
  readonly reader: ColumnReader;
  /** Whether `e<at>` is kept: more may happen to a value than that its row goes. */
  readonly eventful: boolean;
}

export interface Plan {
  readonly data: DataSpecification;
  readonly columns: readonly PlannedColumn[];
  readonly target: PlannedColumn;
  /** Values `x<at>`. */
  readonly derived: readonly DerivedSpecification[];
  readonly features: readonly Feature[];
}

export function planOf(data: DataSpecification): Plan {
  const layout = layOut(data);
  const columns = layout.columns.map((raw, at): PlannedColumn => {
    const reader = columnReader(raw, at);
    return { name: raw.name, at, column: raw.column, reader, eventful: isEventful(reader) };
  });
  return {
    data,
    columns,
    target: columns[layout.target]!,
    derived: data.derive,
    features: layout.features,
  };
}

function isEventful(reader: ColumnReader): boolean {
  if (typeof reader.missing === 'object') return true;
  if (reader.kind === 'text') return reader.categories.length > 0;
  return reader.outside !== 'quarantine';
}

/** The column of this name. Throws RangeError where there is none. */
export function columnNamed({ columns }: Plan, name: string): PlannedColumn {
  const found = columns.find((column) => column.name === name);
  if (!found) throw new RangeError(`"${name}" is no declared column`);
  return found;
}

export const isValue = ({ reader }: PlannedColumn): boolean => reader.kind !== 'text';

/** Texts with canonical names, which have a position. */
export const isCategorical = ({ reader }: PlannedColumn): boolean =>
  reader.kind === 'text' && reader.categories.length > 0;
