/** What the keys of `data` ask of each other. */
import { columnNames } from './column-names.ts';
import { columnFindings } from './column-rules.ts';
import { isNumeric, layOut, MAX_COLUMNS } from './data-layout.ts';
import { didYouMean } from './did-you-mean.ts';
import { compileFormula } from './formula.ts';
import type { ColumnSpecification, DataSpecification } from './pipeline-specification.ts';
import type { Finding } from './yaml-source.ts';

const MAX_FINDINGS = 50;

type Columns = Map<string, { readonly at: number; readonly column: ColumnSpecification }>;

export function dataFindings(data: DataSpecification): readonly Finding[] {
  const found: Finding[] = [];
  const columns = declaredColumns(data, found);
  if (!columns) return found;
  data.columns.forEach((column, at) => {
    for (const finding of columnFindings(column))
      found.push({ ...finding, path: ['data', 'columns', at, ...finding.path] });
  });
  targetRules(data, columns, found);
  const derived = derivedRules(data, columns, found);
  featureRules(data, columns, derived, found);
  splitRules(data, columns, found);
  if (found.length === 0) encodedRules(data, found);
  return found.slice(0, MAX_FINDINGS);
}

/** Unfolds the families; undefined when there are too many columns to go on. */
function declaredColumns(data: DataSpecification, found: Finding[]): Columns | undefined {
  const columns: Columns = new Map();
  for (const [declaration, column] of data.columns.entries()) {
    const path = ['data', 'columns', declaration, 'name'];
    const names = unfold(column.name, path, found);
    if (columns.size + names.length > MAX_COLUMNS) {
      found.push({ path, message: `expected at most ${MAX_COLUMNS} columns in all` });
      return undefined;
    }
    const twice = names.find((name) => columns.has(name));
    if (twice !== undefined) found.push({ path, message: `the column "${twice}" is declared twice` });
    for (const name of names) columns.set(name, { at: columns.size, column });
  }
  return columns;
}

function unfold(pattern: string, path: Finding['path'], found: Finding[]): readonly string[] {
  try {
    return columnNames(pattern);
  } catch (error) {
    found.push({ path, message: `expected a family that counts up: ${(error as Error).message}` });
    return [];
  }
}

function targetRules({ target }: DataSpecification, columns: Columns, found: Finding[]): void {
  const path = ['data', 'target'];
  const declared = columns.get(target);
  if (!declared) {
    found.push({
      path,
      message: `expected a declared column, found "${target}"${didYouMean(target, columns.keys())}`,
    });
  } else if (!isNumeric(declared.column)) {
    found.push({ path, message: `expected a number column, found the text column "${target}"` });
  } else if (declared.column.missing !== 'quarantine' && declared.column.missing !== undefined) {
    found.push({
      path,
      message: `the target "${target}" must be there in every row: leave "missing" at "quarantine"`,
    });
  }
}

/** Answers the derived columns by name. */
function derivedRules(
  { derive, target }: DataSpecification,
  columns: Columns,
  found: Finding[],
): Map<string, number> {
  const usable = [...columns]
    .filter(([name, { column }]) => isNumeric(column) && name !== target)
    .map(([name]) => name);
  const derived = new Map<string, number>();
  for (const [at, { name, formula }] of derive.entries()) {
    const path = ['data', 'derive', at];
    if (columns.has(name) || derived.has(name)) {
      found.push({ path: [...path, 'name'], message: `the name "${name}" is taken by another column` });
    }
    try {
      compileFormula(formula, usable);
    } catch (error) {
      found.push({ path: [...path, 'formula'], message: (error as Error).message });
    }
    derived.set(name, at);
    usable.push(name);
  }
  return derived;
}

function featureRules(
  data: DataSpecification,
  columns: Columns,
  derived: Map<string, number>,
  found: Finding[],
): void {
  if (!data.features) {
    const sees =
      derived.size > 0 || [...columns].some(([name, { column }]) => name !== data.target && visible(column));
    const message = 'expected at least one column beside the target that the model can see';
    if (!sees) found.push({ path: ['data', 'columns'], message });
    return;
  }
  const seen = new Set<string>();
  data.features.forEach((pattern, at) => {
    const path = ['data', 'features', at];
    for (const name of unfold(pattern, path, found)) {
      if (found.length >= MAX_FINDINGS) return;
      const problem = refusal(name, data, columns, derived, seen);
      if (problem !== undefined) found.push({ path, message: problem });
      seen.add(name);
    }
  });
}

const visible = (column: ColumnSpecification): boolean => isNumeric(column) || column.encode !== undefined;

function refusal(
  name: string,
  { target }: DataSpecification,
  columns: Columns,
  derived: Map<string, number>,
  seen: Set<string>,
): string | undefined {
  if (seen.has(name)) return `the feature "${name}" stands here twice`;
  if (name === target) return `the target "${name}" cannot be a feature`;
  if (derived.has(name)) return undefined;
  const column = columns.get(name)?.column;
  if (!column) {
    return `expected a declared column, found "${name}"${didYouMean(name, [...columns.keys(), ...derived.keys()])}`;
  }
  return visible(column)
    ? undefined
    : `the text column "${name}" needs "canonical" and "encode" to be a feature`;
}

function splitRules({ split, target }: DataSpecification, columns: Columns, found: Finding[]): void {
  if (split.test <= 0)
    found.push({
      path: ['data', 'split', 'test'],
      message: 'expected a share above 0: the gate needs held-out rows',
    });
  if (split.test + split.validation >= 1) {
    found.push({
      path: ['data', 'split'],
      message: `expected test + validation below 1, found ${split.test + split.validation}`,
    });
  }
  for (const [at, name] of (split.key ?? []).entries()) {
    const path = ['data', 'split', 'key', at];
    if (name === target)
      found.push({ path, message: 'the target cannot be part of the key: a label must not choose the side' });
    else if (!columns.has(name)) {
      found.push({
        path,
        message: `expected a declared column, found "${name}"${didYouMean(name, columns.keys())}`,
      });
    }
  }
}

function encodedRules(data: DataSpecification, found: Finding[]): void {
  const { features } = layOut(data);
  const path = ['data', data.features ? 'features' : 'columns'];
  if (features.length > MAX_COLUMNS)
    found.push({ path, message: `expected at most ${MAX_COLUMNS} features once encoded` });
  const names = new Set<string>();
  for (const { name } of features) {
    if (names.has(name))
      found.push({ path, message: `two features would have the name "${name}" once encoded` });
    names.add(name);
  }
}
