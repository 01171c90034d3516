/** What `quality.checks`, `sources`, and the way that files are read ask. */
import { isNumber } from './data-layout.ts';
import { type Columns, noColumn, undeclared } from './declared-columns.ts';
import { sourceName } from './declared-sources.ts';
import { secondsOf } from './duration.ts';
import type { DataSpecification } from './pipeline-specification.ts';
import { CHECK_KEYS, type WrittenCheck } from './quality-checks.ts';
import type { Finding } from './yaml-source.ts';

const SHORTEST_PULL = 60;

export function readingFindings({
  format,
  delimiter,
  seal,
  sources = [],
}: DataSpecification): readonly Finding[] {
  const findings: Finding[] = [];
  if (delimiter !== undefined && format !== 'auto' && format !== 'csv') {
    const message = `"delimiter" goes with "format: csv", found "${format}"`;
    findings.push({ path: ['data', 'delimiter'], at: 'key', message });
  }
  const names = sources.map(sourceName);
  if (sources.length > 0 && seal === 'manifest') {
    const message = 'sources bring no manifest: seal by `each` or `quiet <time>`, or leave them out';
    findings.push({ path: ['data', 'sources'], at: 'key', message });
  }
  sources.forEach(({ every }, at) => {
    const path = ['data', 'sources', at];
    if (secondsOf(every) < SHORTEST_PULL)
      findings.push({ path: [...path, 'every'], message: `expected at least 1 minute, found ${every}` });
    if (names.indexOf(names[at]!) < at)
      findings.push({ path: [...path, 'name'], message: `the source "${names[at]}" stands here twice` });
  });
  return findings;
}

export function checkFindings({ quality, target }: DataSpecification, columns: Columns): readonly Finding[] {
  return (quality.checks ?? []).flatMap((check, at) =>
    oneCheck(check, target, columns).map((finding) => ({
      ...finding,
      path: ['data', 'quality', 'checks', at, ...finding.path],
    })),
  );
}

function oneCheck(check: WrittenCheck, target: string, columns: Columns): readonly Finding[] {
  const { needs, may } = CHECK_KEYS[check.check];
  const lacking = needs.filter((key) => check[key] === undefined);
  const others = (['column', 'columns', 'values', 'minimum', 'maximum'] as const).filter(
    (key) => check[key] !== undefined && ![...needs, ...may].includes(key),
  );
  const known = [...needs, ...may].map((key) => `"${key}"`).join(', ') || 'no key of its own';
  return [
    ...lacking.map(
      (key): Finding => ({ path: ['check'], message: `the check "${check.check}" needs "${key}"` }),
    ),
    ...others.map(
      (key): Finding => ({ path: [key], at: 'key', message: `the check "${check.check}" takes ${known}` }),
    ),
    ...columnsOf(check, columns),
    ...(check.check === 'label-balance' ? classes(columns.get(target)) : []),
  ];
}

function columnsOf({ check, column, columns: list = [], values = [] }: WrittenCheck, columns: Columns) {
  const findings: Finding[] = [...undeclared(list, columns, ['columns'])];
  if (column === undefined) return findings;
  const declared = columns.get(column);
  if (!declared) return [{ path: ['column'], message: noColumn(column, columns.keys()) }, ...findings];
  if (check !== 'allowed-values') return findings;
  const type = isNumber(declared.column) ? 'number' : 'string';
  values.forEach((value, at) => {
    const expected = type === 'number' ? `a number, as "${column}" holds` : `text, as "${column}" holds`;
    if (typeof value !== type)
      findings.push({
        path: ['values', at],
        message: `expected ${expected}, found ${JSON.stringify(value)}`,
      });
  });
  return findings;
}

function classes(target: ReturnType<Columns['get']>): readonly Finding[] {
  if (!target || target.column.type === 'text' || target.column.type === 'integer') return [];
  const message = '"label-balance" counts classes; the target must be an integer or text column';
  return [{ path: ['check'], message }];
}
