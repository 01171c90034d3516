import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { editorSchema } from './editor-schema.ts';

type Node = { [key: string]: unknown };

/** Every property that some part of the schema names, with the path to it. */
function properties(schema: unknown, path: string): [path: string, property: Node][] {
  if (typeof schema !== 'object' || schema === null) return [];
  const named = Object.entries((schema as Node).properties ?? {}).map(([name, property]): [string, Node] => [
    `${path}/${name}`,
    property as Node,
  ]);
  const below = Object.entries(schema).flatMap(([key, value]) => {
    if (key === 'default' || key === 'properties') return [];
    return properties(value, path);
  });
  return [...named, ...named.flatMap(([where, property]) => properties(property, where)), ...below];
}

describe('the schema for editors', () => {
  const schema = editorSchema();
  const matches = new Ajv({ strict: false, allErrors: true }).compile(schema);

  it('says of every key what it means', () => {
    const all = properties(schema, '');
    expect(all.length).toBeGreaterThan(90);
    expect(all.map(([path]) => path)).toContain('/data/columns/outliers/factor');
    const mute = all.filter(
      ([, { description }]) => typeof description !== 'string' || description.length < 8,
    );
    expect(mute.map(([path]) => path)).toEqual([]);
  });

  it.each(['digits', 'deicing'])('finds nothing wrong with the example %s as it is written', (name) => {
    const file = join(import.meta.dirname, '../../examples', name, 'pipeline.yml');
    expect([matches(parse(readFileSync(file, 'utf8'))), matches.errors]).toEqual([true, null]);
  });

  it('lets words of YAML that mean nothing stand for "null", and marks what is wrong', () => {
    const column = (further: object) => ({
      name: 'a',
      data: { columns: [{ name: 'x', type: 'number', ...further }], target: 'x' },
      train: { image: 'xgboost' },
      evaluate: { metric: 'mae', prediction: 'value', required: 1 },
    });
    expect(matches(column({ outside: null }))).toBe(true);
    expect(matches(column({ outside: 'clip' }))).toBe(true);
    expect(matches(column({ outside: 'cut' }))).toBe(false);
    expect(matches(column({ colour: 'red' }))).toBe(false);
    expect(matches({ name: 'a' })).toBe(false);
  });
});
