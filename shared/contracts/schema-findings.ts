/** What the generated validator found, in words that say what was expected. */
import type { ErrorObject } from 'ajv';
import { nearest } from './did-you-mean.ts';
import { meantWord } from './meant-word.ts';
import { expectationOf, type Schema } from './schema-expectation.ts';
import type { Finding } from './yaml-source.ts';

type Path = readonly (string | number)[];

/** `root` is the schema that the validator was generated from, `value` what it looked at. */
export function schemaFindings(
  errors: readonly ErrorObject[],
  root: Schema,
  value: unknown,
): readonly Finding[] {
  const unions = errors
    .filter(({ keyword }) => keyword === 'anyOf')
    .map(({ schemaPath }) => `${schemaPath}/`);
  const relevant = errors.filter(({ schemaPath }) => !unions.some((union) => schemaPath.startsWith(union)));
  const unknown = relevant.filter(({ keyword }) => keyword === 'additionalProperties');
  const meant = new Set<string>();
  const findings = unknown.map((error) => {
    const { key, suggestion } = unknownKey(error, root, value);
    if (suggestion !== undefined) meant.add(`${error.instancePath}/${suggestion}`);
    const hint = suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`;
    return {
      path: [...pathOf(error.instancePath), key],
      at: 'key',
      message: `unknown key "${key}"${hint}`,
    } as const;
  });
  const others = relevant
    .filter(({ keyword }) => keyword !== 'additionalProperties')
    // A misspelt key is not missing as well.
    .filter(
      (error) => error.keyword !== 'required' || !meant.has(`${error.instancePath}/${missingKey(error)}`),
    )
    .map((error) => finding(error, root, value));
  return distinct([...findings, ...others]);
}

const missingKey = (error: ErrorObject): string => String(error.params.missingProperty);

function unknownKey(error: ErrorObject, root: Schema, value: unknown) {
  const key = String(error.params.additionalProperty);
  const present = Object.keys((at(value, pathOf(error.instancePath)) ?? {}) as object);
  const known = Object.keys(parentSchema(error, root).properties ?? {});
  // Defaults are filled in already, so a key that is there may still be the one that was meant.
  const absentFirst = [...known.filter((name) => !present.includes(name)), ...known];
  return { key, suggestion: nearest(key, absentFirst) };
}

function finding(error: ErrorObject, root: Schema, value: unknown): Finding {
  const path = pathOf(error.instancePath);
  const schema = parentSchema(error, root);
  if (error.keyword === 'required') {
    const key = missingKey(error);
    const what = schema.properties?.[key];
    const expected = what ? `: ${expectationOf(what)}` : '';
    return { path, message: `the key "${key}" is missing${expected}`, at: 'key' };
  }
  const found = at(value, path);
  return {
    path,
    message: `expected ${expectationOf(schema)}, found ${shown(found)}${hintOf(schema, found)}`,
  };
}

function hintOf(schema: Schema, found: unknown): string {
  if (typeof found === 'string') return meantWord(found, wordsOf(schema));
  const isPlain = typeof found === 'number' || typeof found === 'boolean';
  return isPlain && schema.type === 'string' && schema.pattern === undefined ? '; in quotes it is text' : '';
}

/** The words that may stand here. */
const wordsOf = ({ enum: words = [], anyOf = [] }: Schema): readonly string[] =>
  [...words, ...anyOf.map((option) => option.const)].filter((word) => typeof word === 'string');

/** Ajv's schemaPath (`#/properties/name/pattern`) ends in the keyword; the schema that holds it is its parent. */
function parentSchema(error: ErrorObject, root: Schema): Schema {
  const steps = error.schemaPath.split('/').slice(1, -1);
  return (at(
    root,
    steps.map((step) => plainStep(decodeURIComponent(step))),
  ) ?? {}) as Schema;
}

const plainStep = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');

function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map(plainStep)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function at(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Record<string | number, unknown>)[step];
  }
  return here;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  const byContent = new Map(findings.map((found) => [JSON.stringify([found.path, found.message]), found]));
  return [...byContent.values()];
}
