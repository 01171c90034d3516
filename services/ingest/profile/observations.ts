/** What a careful reader of the figures would say. Pure. */
import type { ColumnSummary, PreparedResult } from '../../../shared/preparation/result.ts';
import { count, figure, listed, share } from './figures.ts';
import { type ProfileInput, rowsKept } from './profile-input.ts';

/** Blank cells from here on are worth a word. */
const MOSTLY_BLANK = 0.5;
/** A correlation from here on says that two columns tell the same. */
const SAME = 0.98;
const RARE_CLASS = 0.01;
/** Text that differs in so many of the rows tells nothing that recurs. */
const IDENTIFIES = 0.95;
const ENOUGH_ROWS = 30;

export function observationsOf({ data, result }: ProfileInput): readonly string[] {
  const others = result.columns.filter(({ name }) => name !== data.target);
  return [
    ...constants(others),
    ...blanks(result),
    ...identifiers(others),
    ...giveaways(result, data.target),
    ...twins(result, data.target),
    ...classes(result),
    ...nearDuplicates(result),
  ];
}

function constants(columns: readonly ColumnSummary[]): string[] {
  const names = columns.filter(({ distinct, present }) => present > 0 && distinct === 1).map(nameOf);
  return names.length === 0 ? [] : [`The same value in every row: ${listed(names)}.`];
}

function blanks(result: PreparedResult): string[] {
  const kept = rowsKept(result);
  const names = result.changes.filter(({ blank }) => blank > MOSTLY_BLANK * kept).map(nameOf);
  return names.length === 0 ? [] : [`More than half of the cells are blank: ${listed(names)}.`];
}

function identifiers(columns: readonly ColumnSummary[]): string[] {
  const names = columns
    .filter(
      ({ kind, present, distinct }) =>
        kind === 'text' && present >= ENOUGH_ROWS && distinct >= IDENTIFIES * present,
    )
    .map(nameOf);
  return names.length === 0 ? [] : [`Text that differs in nearly every row: ${listed(names)}.`];
}

function giveaways({ correlations }: PreparedResult, target: string): string[] {
  const row = correlations.r[correlations.names.indexOf(target)] ?? [];
  return correlations.names.flatMap((name, at) => {
    const r = row[at] ?? 0;
    if (name === target || Math.abs(r) < SAME) return [];
    return [
      `${name} all but equals the target (r = ${figure(r)}): is it known when a prediction is asked for?`,
    ];
  });
}

function twins({ correlations: { names, r } }: PreparedResult, target: string): string[] {
  const pairs = names.flatMap((a, i) =>
    names
      .slice(0, i)
      .filter((b, j) => a !== target && b !== target && Math.abs(r[i]?.[j] ?? 0) >= SAME)
      .map((b) => `${b} and ${a}`),
  );
  return pairs.length === 0
    ? []
    : [
        `Columns that tell the same (|r| ≥ ${SAME}): ${pairs.slice(0, 5).join('; ')}${pairs.length > 5 ? ` and ${count(pairs.length - 5)} more pairs` : ''}.`,
      ];
}

function classes({ classes = [], rows }: PreparedResult): string[] {
  const rare = classes.filter(({ train }) => train < RARE_CLASS * rows.train);
  const absent = classes.filter(({ test }) => test === 0 && rows.test > 0);
  return [
    ...(rare.length === 0
      ? []
      : [`Classes with fewer than 1 % of the training rows: ${listed(rare.map(({ value }) => value))}.`]),
    ...(absent.length === 0
      ? []
      : [
          `Classes without a test row, so that the gate says nothing of them: ${listed(absent.map(({ value }) => value))}.`,
        ]),
  ];
}

function nearDuplicates({ nearDuplicates: twice = 0, rows }: PreparedResult): string[] {
  const held = rows.validation + rows.test;
  if (twice === 0) return [];
  return [`${count(twice)} held-out rows (${share(twice, held)}) look like a training row.`];
}

const nameOf = ({ name }: { readonly name: string }): string => name;
