/** The last step of the contract: from a row's values to what the model sees. */
import { createHash } from 'node:crypto';
import type { Feature } from '../contracts/data-layout.ts';
import { partOf } from './date-parts.ts';
import type { Fitted, FittedScale } from './fitted.ts';
import type { RowValues } from './row-values.ts';

type Compute = (row: RowValues) => number;

/** One function a feature; `columns` is how many columns are declared (formulas stand behind them in `values`). */
export function featurePrograms(
  features: readonly Feature[],
  columns: number,
  fitted: Fitted,
): readonly Compute[] {
  const hashed = new Map<number, (text: string) => number>();
  return features.map((feature) => compute(feature, columns, fitted, hashed));
}

function compute(
  feature: Feature,
  columns: number,
  fitted: Fitted,
  hashed: Map<number, (text: string) => number>,
): Compute {
  switch (feature.kind) {
    case 'column':
      return shaped(feature, feature.at, fitted.features[feature.name]);
    case 'derived':
      return shaped(feature, columns + feature.derived, fitted.features[feature.name]);
    case 'category': {
      const { at, category } = feature;
      return ({ values }) => (values[at] === category ? 1 : 0);
    }
    case 'hash': {
      const { at, slot, slots } = feature;
      const hash = hashed.get(at) ?? rememberingHash();
      hashed.set(at, hash);
      return ({ texts, missing }) => (missing[at] === 0 && hash(texts[at]!) % slots === slot ? 1 : 0);
    }
    case 'part': {
      const { at, part } = feature;
      return ({ values }) => partOf(values[at]!, part);
    }
    case 'indicator': {
      const { at } = feature;
      return ({ wasMissing }) => wasMissing[at]!;
    }
  }
}

/** A number as it is, in its bucket, or on its scale; a missing one stays NaN in each. */
function shaped(
  { name, bucket, scale }: Extract<Feature, { kind: 'column' | 'derived' }>,
  at: number,
  fitted: FittedScale | undefined,
): Compute {
  if (bucket) return ({ values }) => edgesUpTo(bucket, values[at]!);
  if (scale === undefined) return ({ values }) => values[at]!;
  if (scale === 'log') {
    return ({ values }) => {
      const value = values[at]!;
      return Math.sign(value) * Math.log(1 + Math.abs(value)) + 0;
    };
  }
  if (!fitted) throw new RangeError(`nothing was fitted for the feature "${name}"`);
  const [origin, unit] =
    'mean' in fitted ? [fitted.mean, fitted.deviation] : [fitted.minimum, fitted.maximum - fitted.minimum];
  if (unit === 0) return ({ values }) => (Number.isNaN(values[at]!) ? Number.NaN : 0);
  return ({ values }) => (values[at]! - origin) / unit + 0;
}

function edgesUpTo(edges: readonly number[], value: number): number {
  if (Number.isNaN(value)) return value;
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Texts whose hash is remembered, by column. */
const REMEMBERED = 4096;

/** The first 32 bits of a text's MD5. All slots of a column ask for the same, and texts come again. */
function rememberingHash(): (text: string) => number {
  const known = new Map<string, number>();
  let [last, hash] = ['', textHash('')];
  return (text) => {
    if (text === last) return hash;
    const remembered = known.get(text);
    hash = remembered ?? textHash(text);
    last = text;
    if (remembered !== undefined) return hash;
    if (known.size >= REMEMBERED) known.clear();
    known.set(text, hash);
    return hash;
  };
}

const textHash = (text: string): number => createHash('md5').update(text).digest().readUInt32BE(0);
