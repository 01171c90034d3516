/** How one column beside the target is declared. Pure. */
import { DATE_PARTS, type DatePart } from '../../shared/contracts/data-schema.ts';
import { dateOf } from '../../shared/contracts/date-text.ts';
import { type CellKind, kindOf } from './cell-kinds.ts';
import { type DraftColumn, type LeftOut, quoted, type WrittenColumn } from './draft.ts';
import { canonicalOf, type Spelt, speltTogether } from './spellings.ts';

/** Up to so many values are named one by one. */
const FEW = 30;
/** Text of which so large a share differs is a name or a remark, and says nothing that recurs. */
const IDENTIFIES = 0.95;
const ENOUGH_ROWS = 20;
/** Columns that are there in fewer cells tell nothing. */
const LEAST_PRESENT = 0.05;
const SURE_ROWS = 50;
const NAMED_KEY =
  /(^|[_\W])(id|uuid|guid|key|index|idx|rownames?|row|rownum|no|nr|obs|serial|unnamed)([_\W\d]|$)|[a-z](Id|ID)$/i;

export interface ColumnCells {
  readonly name: string;
  /** '' where blank. */
  readonly cells: readonly string[];
  /** The target's cells, of the same rows. */
  readonly labels: readonly string[];
  /** Rows of the whole file. */
  readonly total: number;
}

export function draftColumn(given: ColumnCells): DraftColumn | LeftOut {
  const { name, cells, labels } = given;
  const present = cells.filter((cell) => cell !== '');
  const blank = blankShare(cells);
  if (present.length === 0) return { name, why: 'always blank' };
  if (1 - blank < LEAST_PRESENT) return { name, why: `blank in ${percent(blank)} of the cells` };
  const told = blankShare(cells.filter((_, at) => labels[at] !== ''));
  if (1 - told < LEAST_PRESENT) return { name, why: `blank in ${percent(told)} of the rows with a label` };
  if (blank === 0 && new Set(present).size === 1) return { name, why: `always ${quoted(present[0]!)}` };
  const kind = kindOf(name, present);
  switch (kind.kind) {
    case 'date':
      return draftDate(given, kind, present, blank);
    case 'text':
      return draftText(name, kind, present, blank);
    default:
      return draftNumber(given, kind, present, blank);
  }
}

const blankShare = (cells: readonly string[]): number =>
  cells.filter((cell) => cell === '').length / cells.length;

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** Positions of the cells that the column's type cannot read, and what a comment says of them. */
function unreadable(cells: readonly string[], found: readonly string[], what: string) {
  if (found.length === 0) return { setAside: [] };
  const these = new Set(found);
  const setAside = cells.flatMap((cell, at) => (these.has(cell) ? [at] : []));
  const examples = [...these].slice(0, 3).map(quoted).join(', ');
  const share = setAside.length / cells.length;
  return {
    setAside,
    comment: `${share < 0.01 ? 'fewer than 1 %' : percent(share)} of the cells are no ${what} (${examples}): their rows are set aside`,
  };
}

function draftNumber(
  { name, cells, total }: ColumnCells,
  kind: Extract<CellKind, { kind: 'number' | 'integer' }>,
  present: readonly string[],
  blank: number,
): DraftColumn {
  const aside = unreadable(cells, kind.unreadable, 'numbers');
  const values = present.map(Number).filter((value) => !Number.isNaN(value));
  const type = kind.kind;
  if (type === 'integer' && isKey(name, values, total)) {
    const comment = 'differs in every row: it tells rows apart, and is no feature';
    return {
      column: { name, type, missing: 'allow' },
      isFeature: false,
      comment,
      setAside: aside.setAside,
      blank,
    };
  }
  const column: WrittenColumn = { name, type, ...rangeOf(name, type, values), ...missingOf(blank, 'median') };
  return { column, isFeature: true, blank, ...aside };
}

/** Numbers that count the rows, or that are called what keys are called and never repeat. */
function isKey(name: string, values: readonly number[], total: number): boolean {
  if (values.length < ENOUGH_ROWS || new Set(values).size < values.length) return false;
  if (NAMED_KEY.test(name)) return true;
  const [first = 0, last = 0] = [values[0], values.at(-1)];
  const rises = values.every((value, at) => at === 0 || value > values[at - 1]!);
  // Of a sample, the first row may lie some rows into the file.
  const skipped = (10 * total) / values.length;
  const starts = first >= 0 && first <= (values.length === total ? 1 : skipped);
  return rises && starts && last <= total;
}

/** Bounds that follow from what the column is, not from what was seen. */
function rangeOf(name: string, type: string, values: readonly number[]): Partial<WrittenColumn> {
  const within = (least: number, most: number) => values.every((value) => value >= least && value <= most);
  if (type === 'integer' && values.length >= SURE_ROWS && within(0, 1)) return { minimum: 0, maximum: 1 };
  if (/^lat(itude)?$/i.test(name) && within(-90, 90)) return { minimum: -90, maximum: 90 };
  if (/^(lon|lng|long|longitude)$/i.test(name) && within(-180, 180)) return { minimum: -180, maximum: 180 };
  return {};
}

const missingOf = (blank: number, fill: 'median' | 'mode' | 'allow'): Partial<WrittenColumn> =>
  blank === 0 ? {} : { missing: fill, indicator: true };

function draftDate(
  { name, cells }: ColumnCells,
  kind: Extract<CellKind, { kind: 'date' }>,
  present: readonly string[],
  blank: number,
): DraftColumn | LeftOut {
  const { setAside, comment } = unreadable(cells, kind.unreadable, 'dates');
  const dates = present.map((cell) => dateOf(cell, kind.formats)).filter((value) => !Number.isNaN(value));
  const parts = varyingParts(dates);
  const doubt = kind.ambiguous ? 'day and month could be the other way round: look at "formats"' : undefined;
  const column: WrittenColumn = {
    name,
    type: 'date',
    ...(kind.formats.join() === 'YYYY-MM-DD' ? {} : { formats: [...kind.formats] }),
    ...missingOf(blank, 'allow'),
    ...(parts.length === 0 ? {} : { parts }),
  };
  const said = [doubt, comment].filter((text) => text !== undefined).join('; ');
  return { column, isFeature: parts.length > 0, setAside, blank, ...(said === '' ? {} : { comment: said }) };
}

const PART_OF: Readonly<Record<Exclude<DatePart, 'minute' | 'day-of-year'>, (date: Date) => number>> = {
  year: (date) => date.getUTCFullYear(),
  month: (date) => date.getUTCMonth(),
  day: (date) => date.getUTCDate(),
  weekday: (date) => date.getUTCDay(),
  hour: (date) => date.getUTCHours(),
};

/** A part that is the same in every row tells nothing. */
function varyingParts(values: readonly number[]): DatePart[] {
  const dates = values.map((value) => new Date(value));
  return DATE_PARTS.filter((part): part is keyof typeof PART_OF => part in PART_OF).filter(
    (part) => new Set(dates.map(PART_OF[part])).size > 1,
  );
}

function draftText(
  name: string,
  kind: Extract<CellKind, { kind: 'text' }>,
  present: readonly string[],
  blank: number,
): DraftColumn {
  const values = speltTogether(present);
  const base = { setAside: [], blank };
  const hint = kind.looksNumeric
    ? 'looks like numbers that are written in another way: with a decimal point and nothing else they would be read as such; '
    : '';
  if (values.length <= FEW && 2 * values.length <= Math.max(4, present.length))
    return {
      ...base,
      isFeature: true,
      column: named(name, values, blank),
      ...(hint ? { comment: hint.slice(0, -2) } : {}),
    };
  if (present.length >= ENOUGH_ROWS && values.length >= IDENTIFIES * present.length) {
    const comment = `${hint}differs in nearly every row: a name or free text, and no feature`;
    return { ...base, isFeature: false, comment, column: { name, type: 'text', missing: 'allow' } };
  }
  const hash = slotsFor(values.length);
  const comment = `${hint}${values.length} different texts in the sample: spread over ${hash} features by their hash`;
  const column: WrittenColumn = { name, type: 'text', ...missingOf(blank, 'allow'), encode: { hash } };
  return { ...base, isFeature: true, comment, column };
}

const slotsFor = (values: number): number => (values <= 100 ? 32 : values <= 1000 ? 64 : 128);

/** Two values are one feature; several are one each. */
const named = (name: string, values: readonly Spelt[], blank: number): WrittenColumn => ({
  name,
  type: 'text',
  canonical: canonicalOf(values),
  ...missingOf(blank, values.length > 1 ? 'mode' : 'allow'),
  encode: values.length === 2 ? 'ordinal' : 'one-hot',
});
