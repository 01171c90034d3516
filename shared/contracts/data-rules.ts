/** What the keys of `data` ask of each other. */
import { blankFindings } from './blank-words.ts';
import { columnFindings, shapeFindings } from './column-rules.ts';
import { categoriesOf, hasFeatures, isNumeric, layOut, MAX_COLUMNS } from './data-layout.ts';
import { type Columns, declaredColumns, noColumn, unfold } from './declared-columns.ts';
import { compileFormula } from './formula.ts';
import { checkFindings, readingFindings } from './gate-rules.ts';
import type { ColumnSpecification, DataSpecification } from './pipeline-specification.ts';
import { rowFindings } from './row-rules.ts';
import type { Finding } from './yaml-source.ts';

const MAX_FINDINGS = 50;

export function dataFindings(data: DataSpecification): readonly Finding[] {
  const found: Finding[] = [...readingFindings(data)];
  const columns = declaredColumns(data, found);
  if (!columns) return found;
  data.columns.forEach((column, at) => {
    for (const finding of columnFindings(column))
      found.push({ ...finding, path: ['data', 'columns', at, ...finding.path] });
  });
  found.push(...blankFindings(data));
  targetRules(data, columns, found);
  const derived = derivedRules(data, columns, found);
  featureRules(data, columns, derived, found);
  found.push(...rowFindings(data, columns), ...checkFindings(data, columns));
  if (found.length === 0) encodedRules(data, found);
  return found.slice(0, MAX_FINDINGS);
}

function targetRules(
  { target, columns: declarations }: DataSpecification,
  columns: Columns,
  found: Finding[],
) {
  const path = ['data', 'target'];
  const declared = columns.get(target)?.column;
  if (!declared) {
    found.push({ path, message: noColumn(target, columns.keys()) });
    return;
  }
  const messages = [classProblem(target, declared), absenceProblem(target, declared)];
  for (const message of messages) if (message !== undefined) found.push({ path, message });
  if (declared.name !== target) return;
  const at = declarations.indexOf(declared);
  for (const key of ['encode', 'parts', 'bucket', 'scale', 'indicator'] as const) {
    if (declared[key] === undefined) continue;
    const message = `"${key}" shapes features; "${target}" is the target`;
    found.push({ path: ['data', 'columns', at, key], at: 'key', message });
  }
}

function classProblem(target: string, column: ColumnSpecification): string | undefined {
  if (column.type === 'date') return `expected a number or text column, found the date column "${target}"`;
  if (column.type === 'text' && categoriesOf(column).length === 0)
    return `the text column "${target}" needs "canonical", its classes, to be the target`;
  return column.unknown === 'keep'
    ? `the target "${target}" must be one of its canonical names: "unknown" is "quarantine" or "null"`
    : undefined;
}

function absenceProblem(target: string, { missing = 'quarantine' }: ColumnSpecification): string | undefined {
  return missing === 'quarantine' || missing === 'drop'
    ? undefined
    : `the target "${target}" must be there in every row: leave "missing" at "quarantine", or "drop"`;
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
  for (const [at, { name, formula, ...shape }] of derive.entries()) {
    const path = ['data', 'derive', at];
    if (columns.has(name) || derived.has(name)) {
      found.push({ path: [...path, 'name'], message: `the name "${name}" is taken by another column` });
    }
    try {
      compileFormula(formula, usable);
    } catch (error) {
      found.push({ path: [...path, 'formula'], message: (error as Error).message });
    }
    for (const finding of shapeFindings(shape)) found.push({ ...finding, path: [...path, ...finding.path] });
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
      derived.size > 0 ||
      [...columns].some(([name, { column }]) => name !== data.target && hasFeatures(column));
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
  if (!column) return noColumn(name, [...columns.keys(), ...derived.keys()]);
  return hasFeatures(column) ? undefined : invisible(name, column);
}

const invisible = (name: string, { type }: ColumnSpecification): string =>
  type === 'date'
    ? `the date column "${name}" needs "parts" to be a feature`
    : `the text column "${name}" needs "encode" to be a feature`;

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
