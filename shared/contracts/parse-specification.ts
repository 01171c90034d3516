/** From the text that a user wrote to a specification that is known to make sense. Pure. */
import { createHash } from 'node:crypto';
import { blanksOf } from './blank-words.ts';
import { complete } from './complete-data.ts';
import { dataFindings } from './data-rules.ts';
import { isPipelineSpecification } from './generated/validators.mjs';
import type { SpecificationProblem } from './http.ts';
import { lifecycleFindings } from './lifecycle-rules.ts';
import {
  type DataSpecification,
  type PipelineSpecification,
  PipelineSpecificationSchema,
} from './pipeline-specification.ts';
import { recordFindings } from './record-rules.ts';
import type { Schema } from './schema-expectation.ts';
import { schemaFindings } from './schema-findings.ts';
import { type Finding, readYaml } from './yaml-source.ts';

export type ParsedSpecification =
  | { readonly kind: 'ok'; readonly specification: PipelineSpecification }
  | { readonly kind: 'invalid'; readonly problems: SpecificationProblem[] };

/** Counts the meanings of the cleaning engine: raise it when the same data and specification would give another
 * dataset, so that dataset versions of the old meaning stay apart. */
export const ENGINE_MEANING = 2;

const MAX_PROBLEMS = 50;

/** Reads YAML or JSON of at most 256 KiB, fills in every default, and checks what one key asks of another. Problems
 * come in the order of the text. */
export function parseSpecification(text: string): ParsedSpecification {
  const source = readYaml(text);
  if (source.kind === 'invalid') return { kind: 'invalid', problems: [...source.problems] };
  const { value, place } = source;
  if (value === null || value === undefined) {
    return {
      kind: 'invalid',
      problems: [place({ path: [], message: 'expected a pipeline specification, found nothing' })],
    };
  }
  if (!isPipelineSpecification(value)) {
    return invalid(
      schemaFindings(isPipelineSpecification.errors ?? [], PipelineSpecificationSchema as Schema, value),
      place,
    );
  }
  const written = value as PipelineSpecification;
  const specification = { ...written, data: complete(written.data) };
  const findings = meaningFindings(specification);
  return findings.length === 0 ? { kind: 'ok', specification } : invalid(findings, place);
}

function invalid(
  findings: readonly Finding[],
  place: (finding: Finding) => SpecificationProblem,
): ParsedSpecification {
  const problems = findings.map(place).sort((a, b) => a.line - b.line || a.column - b.column);
  return { kind: 'invalid', problems: problems.slice(0, MAX_PROBLEMS) };
}

function meaningFindings(specification: PipelineSpecification): readonly Finding[] {
  const data = dataFindings(specification.data);
  const records = data.length === 0 ? recordFindings(specification) : [];
  return [...data, ...records, ...lifecycleFindings(specification)];
}

/** SHA-256 (hex) of the part of the specification that shapes a dataset, and of the engine's meaning. Neither the
 * order of keys nor what only judges or fetches the data (`quality`, `seal`, `mode`, `sources`) changes it. */
export function preparationDigest(data: DataSpecification): string {
  const { format, delimiter, columns, derive, target, features, duplicates, split } = data;
  const shaping = {
    engine: ENGINE_MEANING,
    format,
    delimiter,
    // The order of the canonical names is the order of the encoded features.
    // Where a column's blank words come from, and their order, mean nothing.
    columns: columns.map(({ canonical, blanks: _, ...column }, at) => ({
      ...column,
      canonical: Object.entries(canonical ?? {}),
      blanks: sortedWords(blanksOf(data, columns[at]!)),
    })),
    derive,
    target,
    features: features ?? null,
    duplicates,
    split,
  };
  return createHash('sha256').update(canonicalJson(shaping)).digest('hex');
}

/** Undefined where there are none, so that what was declared before there were any keeps its digest. */
const sortedWords = (words: readonly string[]): readonly string[] | undefined =>
  words.length === 0 ? undefined : [...words].sort();

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}
