/** Step 7 of docs/data.md: what the model sees of a row. */
import { createHash } from 'node:crypto';
import { type Feature, layOut } from '../../shared/contracts/data-layout.ts';
import type { DatePart } from '../../shared/contracts/data-schema.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';
import type { FittedScale } from '../../shared/preparation/fitted.ts';
import type { ReferenceRow } from './reference.ts';
import { plain, type Value } from './reference-clean.ts';

export function featuresOf(
  data: DataSpecification,
  { row, derived }: ReferenceRow,
  scales: ReadonlyMap<string, FittedScale>,
): readonly (number | undefined)[] {
  const { columns, features } = layOut(data);
  return features.map((feature) => {
    if (feature.kind === 'derived') return shaped(feature, derived[feature.derived], scales);
    const names = Object.keys(columns[feature.at]!.column.canonical ?? {});
    return ofColumn(feature, row.values[feature.at], row.wasMissing[feature.at]!, names, scales);
  });
}

function ofColumn(
  feature: Exclude<Feature, { kind: 'derived' }>,
  value: Value,
  wasMissing: boolean,
  names: readonly string[],
  scales: ReadonlyMap<string, FittedScale>,
): number | undefined {
  switch (feature.kind) {
    case 'column':
      if (typeof value !== 'string') return shaped(feature, value, scales);
      return names.includes(value) ? names.indexOf(value) : undefined;
    case 'category':
      return value === names[feature.category] ? 1 : 0;
    case 'hash':
      return value !== undefined && firstBits(String(value)) % feature.slots === feature.slot ? 1 : 0;
    case 'part':
      return typeof value === 'number' ? partOf(new Date(value), feature.part) : undefined;
    case 'indicator':
      return wasMissing ? 1 : 0;
  }
}

const firstBits = (text: string): number =>
  Number.parseInt(createHash('md5').update(text).digest('hex').slice(0, 8), 16);

function shaped(
  feature: Extract<Feature, { kind: 'column' | 'derived' }>,
  value: Value,
  scales: ReadonlyMap<string, FittedScale>,
): number | undefined {
  if (typeof value !== 'number') return undefined;
  if (feature.bucket) return feature.bucket.filter((edge) => edge <= value).length;
  if (feature.scale === undefined) return value;
  if (feature.scale === 'log') return plain(Math.sign(value) * Math.log(1 + Math.abs(value)));
  const scale = scales.get(feature.name)!;
  const [origin, divisor] =
    'mean' in scale ? [scale.mean, scale.deviation] : [scale.minimum, scale.maximum - scale.minimum];
  return divisor === 0 ? 0 : plain((value - origin) / divisor);
}

function partOf(date: Date, part: DatePart): number {
  switch (part) {
    case 'year':
      return date.getUTCFullYear();
    case 'month':
      return date.getUTCMonth() + 1;
    case 'day':
      return date.getUTCDate();
    case 'weekday':
      return date.getUTCDay() === 0 ? 7 : date.getUTCDay();
    case 'hour':
      return date.getUTCHours();
    case 'minute':
      return date.getUTCMinutes();
    case 'day-of-year': {
      const newYear = new Date(date);
      newYear.setUTCMonth(0, 1);
      newYear.setUTCHours(0, 0, 0, 0);
      return Math.floor((date.getTime() - newYear.getTime()) / 86_400_000) + 1;
    }
  }
}
