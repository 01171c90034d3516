import { fold } from './canonical-text.ts';
import { isNumeric } from './data-layout.ts';
import type { ColumnSpecification } from './pipeline-specification.ts';
import type { Finding } from './yaml-source.ts';

/** What the keys of one column ask of each other; paths begin at the column. */
export function columnFindings(column: ColumnSpecification): readonly Finding[] {
  return isNumeric(column) ? numberFindings(column) : textFindings(column);
}

function numberFindings({
  name,
  minimum,
  maximum,
  missing,
  canonical,
  encode,
}: ColumnSpecification): Finding[] {
  const findings: Finding[] = [];
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    findings.push({
      path: ['minimum'],
      message: `expected at most the maximum (${maximum}), found ${minimum}`,
    });
  }
  if (canonical)
    findings.push({
      path: ['canonical'],
      at: 'key',
      message: `only text columns have "canonical"; "${name}" holds numbers`,
    });
  if (encode)
    findings.push({
      path: ['encode'],
      at: 'key',
      message: `only text columns are encoded; "${name}" holds numbers`,
    });
  if (typeof missing !== 'object') return findings;
  const path = ['missing', 'constant'];
  const { constant } = missing;
  if (typeof constant !== 'number')
    findings.push({ path, message: `expected a number, found ${JSON.stringify(constant)}` });
  else if (constant < (minimum ?? constant) || constant > (maximum ?? constant)) {
    findings.push({ path, message: `expected a number from minimum to maximum, found ${constant}` });
  }
  return findings;
}

function textFindings({
  name,
  minimum,
  maximum,
  missing,
  canonical,
  encode,
}: ColumnSpecification): Finding[] {
  const findings: Finding[] = [];
  for (const [key, value] of Object.entries({ minimum, maximum })) {
    if (value !== undefined)
      findings.push({
        path: [key],
        at: 'key',
        message: `only number columns have "${key}"; "${name}" holds text`,
      });
  }
  if (encode && Object.keys(canonical ?? {}).length === 0) {
    findings.push({
      path: ['encode'],
      at: 'key',
      message: `"encode" needs "canonical", the values that "${name}" may take`,
    });
  }
  if (typeof missing === 'object' && typeof missing.constant !== 'string') {
    findings.push({
      path: ['missing', 'constant'],
      message: `expected text, found ${JSON.stringify(missing.constant)}`,
    });
  }
  return [...findings, ...spellingFindings(canonical ?? {})];
}

function spellingFindings(canonical: NonNullable<ColumnSpecification['canonical']>): Finding[] {
  const owner = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [name, spellings] of Object.entries(canonical)) {
    for (const spelling of [name, ...spellings]) {
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
