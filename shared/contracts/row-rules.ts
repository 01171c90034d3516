/** What `duplicates` and `split` ask of the columns. */
import { isNumeric } from './data-layout.ts';
import { type Columns, noColumn, undeclared } from './declared-columns.ts';
import type { DataSpecification } from './pipeline-specification.ts';
import type { Finding } from './yaml-source.ts';

export function rowFindings(data: DataSpecification, columns: Columns): readonly Finding[] {
  return [...duplicates(data, columns), ...shares(data), ...sides(data, columns)];
}

function duplicates({ duplicates }: DataSpecification, columns: Columns): readonly Finding[] {
  if (typeof duplicates !== 'object') return [];
  const path = ['data', 'duplicates'];
  const findings = [...undeclared(duplicates.key, columns, [...path, 'key'])];
  if (duplicates.newest !== undefined)
    findings.push(...ordered(duplicates.newest, columns, [...path, 'newest']));
  return findings;
}

/** A column whose values have an order. */
function ordered(name: string, columns: Columns, path: Finding['path']): readonly Finding[] {
  const declared = columns.get(name);
  if (!declared) return [{ path, message: noColumn(name, columns.keys()) }];
  if (isNumeric(declared.column)) return [];
  return [{ path, message: `expected a date or number column, found the text column "${name}"` }];
}

function shares({ split }: DataSpecification): readonly Finding[] {
  const findings: Finding[] = [];
  if (split.test <= 0)
    findings.push({
      path: ['data', 'split', 'test'],
      message: 'expected a share above 0: the gate needs held-out rows',
    });
  if (split.test + split.validation >= 1) {
    findings.push({
      path: ['data', 'split'],
      message: `expected test + validation below 1, found ${split.test + split.validation}`,
    });
  }
  return findings;
}

const LABEL = 'a label must not choose the side';

function sides({ split, target }: DataSpecification, columns: Columns): readonly Finding[] {
  const { by = 'hash', column, key = [] } = split;
  const path = ['data', 'split'];
  if (by === 'hash') {
    const findings: Finding[] = key.flatMap((name, at) => {
      const place = [...path, 'key', at];
      if (name === target)
        return [{ path: place, message: `the target cannot be part of the key: ${LABEL}` }];
      return columns.has(name) ? [] : [{ path: place, message: noColumn(name, columns.keys()) }];
    });
    if (column !== undefined) {
      const message = '"column" goes with "by: time"; by hash it is "key"';
      findings.push({ path: [...path, 'column'], at: 'key', message });
    }
    return findings;
  }
  if (split.key)
    return [
      { path: [...path, 'key'], at: 'key', message: '"key" goes with "by: hash"; by time it is "column"' },
    ];
  if (column === undefined)
    return [
      { path, message: 'a split by time needs "column", the date or number column that tells the time' },
    ];
  if (column === target)
    return [{ path: [...path, 'column'], message: `the target cannot be the time: ${LABEL}` }];
  return ordered(column, columns, [...path, 'column']);
}
