import { fold } from './canonical-text.ts';
import { categoriesOf, isNumber } from './data-layout.ts';
import { dateOf } from './date-text.ts';
import type { ColumnSpecification } from './pipeline-specification.ts';
import type { Finding } from './yaml-source.ts';

type Key = keyof ColumnSpecification;

/** What the keys of one column ask of each other; paths begin at the column. */
export function columnFindings(column: ColumnSpecification): readonly Finding[] {
  return [
    ...misplaced(column),
    ...bounds(column),
    ...clippedBounds(column),
    ...constant(column),
    ...fills(column),
    ...encoding(column),
    ...repeated(column),
    ...shapeFindings(column),
    ...spellings(column.canonical ?? {}),
  ];
}

const ONLY_NUMBERS: readonly Key[] = ['minimum', 'maximum', 'outliers', 'bucket', 'scale'];
const ONLY_DATES: readonly Key[] = ['formats', 'earliest', 'latest', 'parts'];
const ONLY_TEXT: readonly Key[] = ['canonical', 'encode', 'unknown'];

const HOLDS = { integer: 'numbers', number: 'numbers', date: 'dates', text: 'text' } as const;

/** Keys of another type of column. */
function misplaced(column: ColumnSpecification): Finding[] {
  const { type, outside } = column;
  const beyond = outside !== undefined && outside !== 'quarantine';
  return [
    ...(isNumber(column) ? [] : refused(column, ONLY_NUMBERS, 'number')),
    ...(type === 'date' ? [] : refused(column, ONLY_DATES, 'date')),
    ...(type === 'text' ? [] : refused(column, ONLY_TEXT, 'text')),
    ...(type === 'text' && beyond ? refused(column, ['outside'], 'number and date') : []),
  ];
}

function refused(column: ColumnSpecification, keys: readonly Key[], owner: string): Finding[] {
  const { name, type } = column;
  const holds = HOLDS[type];
  const insteadOfEncode = type === 'date' ? ' (see "parts")' : '';
  return keys
    .filter((key) => column[key] !== undefined)
    .map((key) => ({
      path: [key],
      at: 'key',
      message:
        key === 'encode'
          ? `only text columns are encoded; "${name}" holds ${holds}${insteadOfEncode}`
          : `only ${owner} columns have "${key}"; "${name}" holds ${holds}`,
    }));
}

/** How dates are written in a specification, whatever the `formats` of the data. */
const written = (text: string): number => dateOf(text.trim(), ['YYYY-MM-DD']);

interface Bounds {
  readonly least: number;
  readonly greatest: number;
}

function boundsOf({ type, minimum, maximum, earliest, latest }: ColumnSpecification): Bounds {
  const [least, greatest] =
    type === 'date'
      ? [earliest, latest].map((text) => (text === undefined ? undefined : written(text)))
      : [minimum, maximum];
  return { least: least ?? Number.NEGATIVE_INFINITY, greatest: greatest ?? Number.POSITIVE_INFINITY };
}

function bounds(column: ColumnSpecification): Finding[] {
  const findings: Finding[] = [];
  if (column.type === 'date') {
    for (const key of ['earliest', 'latest'] as const) {
      const text = column[key];
      if (text !== undefined && Number.isNaN(written(text)))
        findings.push({ path: [key], message: `expected a date such as 2024-01-31, found "${text}"` });
    }
  }
  const { least, greatest } = boundsOf(column);
  if (!(least > greatest)) return findings;
  const [lower, upper] =
    column.type === 'date' ? (['earliest', 'latest'] as const) : (['minimum', 'maximum'] as const);
  findings.push({
    path: [lower],
    message: `expected at most the ${upper === 'maximum' ? 'maximum' : 'latest'} (${column[upper]}), found ${column[lower]}`,
  });
  return findings;
}

/** A clipped value becomes the bound. */
function clippedBounds(column: ColumnSpecification): Finding[] {
  const { name, type, outside } = column;
  if (type !== 'integer' || outside !== 'clip') return [];
  return (['minimum', 'maximum'] as const).flatMap((key) => {
    const bound = column[key];
    if (bound === undefined || Number.isSafeInteger(bound)) return [];
    const message = `expected a whole number, which values of the integer column "${name}" can be clipped to, found ${bound}`;
    return [{ path: [key], message }];
  });
}

function constant(column: ColumnSpecification): Finding[] {
  if (typeof column.missing !== 'object') return [];
  const { constant: given } = column.missing;
  const message = column.type === 'text' ? textConstant(given, column) : valueConstant(given, column);
  return message === undefined ? [] : [{ path: ['missing', 'constant'], message }];
}

/** The largest number of single precision: models read their input so. */
const LARGEST = 3.4028234663852886e38;

function valueConstant(given: string | number, column: ColumnSpecification): string | undefined {
  const found = JSON.stringify(given);
  const value = column.type === 'date' ? written(String(given)) : given;
  if (column.type === 'date' && Number.isNaN(value))
    return `expected a date such as 2024-01-31, found ${found}`;
  if (typeof value !== 'number') return `expected a number, found ${found}`;
  if (column.type === 'integer' && !Number.isSafeInteger(value))
    return `expected a whole number, found ${found}`;
  if (!(Math.abs(value) <= LARGEST))
    return `expected a number that single precision can hold, found ${found}`;
  const { least, greatest } = boundsOf(column);
  if (value >= least && value <= greatest) return undefined;
  return column.type === 'date'
    ? `expected a date from earliest to latest, found ${found}`
    : `expected a number from minimum to maximum, found ${found}`;
}

function textConstant(given: string | number, column: ColumnSpecification): string | undefined {
  if (typeof given !== 'string') return `expected text, found ${JSON.stringify(given)}`;
  if (fold(given) === '') return 'expected text that is not blank; "allow" leaves it missing';
  if (!column.canonical || (column.unknown ?? 'keep') === 'keep') return undefined;
  const known = Object.entries(column.canonical).flat(2).map(fold);
  return known.includes(fold(given))
    ? undefined
    : `expected one of the canonical names, found ${JSON.stringify(given)}`;
}

function fills({ name, type, missing }: ColumnSpecification): Finding[] {
  if (type !== 'text' || (missing !== 'mean' && missing !== 'median')) return [];
  return [{ path: ['missing'], message: `text has no ${missing}; "${name}" can be filled by "mode"` }];
}

function encoding(column: ColumnSpecification): Finding[] {
  const { name, type, encode, canonical, unknown } = column;
  if (type !== 'text') return [];
  const findings: Finding[] = [];
  const named = categoriesOf(column).length > 0;
  if ((encode === 'one-hot' || encode === 'ordinal') && !named) {
    findings.push({
      path: ['encode'],
      at: 'key',
      message: `"encode" needs "canonical", the values that "${name}" may take`,
    });
  }
  if (unknown !== undefined && unknown !== 'keep' && !canonical) {
    findings.push({
      path: ['unknown'],
      at: 'key',
      message: `"unknown" needs "canonical", the values that "${name}" may take`,
    });
  }
  return findings;
}

function repeated(column: ColumnSpecification): Finding[] {
  return (['formats', 'parts'] as const).flatMap((key) => {
    const words: readonly string[] = column[key] ?? [];
    return words.flatMap((word, at) =>
      words.indexOf(word) < at ? [{ path: [key, at], message: `"${word}" stands here twice` }] : [],
    );
  });
}

/** What `bucket` and `scale` of a column or a derived one ask. */
export function shapeFindings({ bucket, scale }: Pick<ColumnSpecification, 'bucket' | 'scale'>): Finding[] {
  const findings: Finding[] = [];
  if (bucket && scale) {
    findings.push({ path: ['scale'], at: 'key', message: '"bucket" and "scale" exclude each other' });
  }
  const falls = bucket?.findIndex((edge, at) => at > 0 && !(edge > bucket[at - 1]!)) ?? -1;
  if (bucket && falls > 0) {
    findings.push({
      path: ['bucket', falls],
      message: `expected more than the edge before it (${bucket[falls - 1]}), found ${bucket[falls]}`,
    });
  }
  return findings;
}

function spellings(canonical: NonNullable<ColumnSpecification['canonical']>): Finding[] {
  const owner = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [name, others] of Object.entries(canonical)) {
    for (const spelling of [name, ...others]) {
      const folded = fold(spelling);
      const other = owner.get(folded) ?? name;
      if (other !== name) {
        findings.push({
          path: ['canonical', name],
          at: 'key',
          message: `the spelling "${spelling}" already stands for "${other}"`,
        });
      } else if (folded === '') {
        findings.push({
          path: ['canonical', name],
          at: 'key',
          message: 'an empty cell is "missing", no spelling',
        });
      }
      owner.set(folded, other);
    }
  }
  return findings;
}
