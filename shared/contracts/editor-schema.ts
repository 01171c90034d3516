import { PipelineSpecificationSchema } from './pipeline-specification.ts';

type Json = { [key: string]: unknown };

/** The JSON Schema of a specification as people write it, for editors: what has a default may be left out. Draft 7,
 * which the language servers of YAML and JSON read. */
export function editorSchema(): Json {
  const { $id: _, ...schema } = JSON.parse(JSON.stringify(PipelineSpecificationSchema)) as Json;
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...(asWritten(schema) as Json) };
}

function asWritten(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(asWritten);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy: Json = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'default' ? value : asWritten(value)]),
  );
  const properties = copy.properties as Record<string, Json> | undefined;
  if (!Array.isArray(copy.required) || !properties) return copy;
  const needed = copy.required.filter((key: string) => properties[key]?.default === undefined);
  return { ...copy, required: needed };
}
