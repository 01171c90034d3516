/** Writes the standalone validators (compiled by Ajv ahead of time: a cold start then loads 13 KB instead of
 * compiling for 70 ms). `node shared/contracts/generate.ts`; the output is not kept in git. */
import { mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import {
  EndpointStateSchema,
  ObjectCreatedSchema,
  ProcessingJobStateSchema,
  TrainingJobStateSchema,
  TransformJobStateSchema,
} from './aws-events.ts';
import { contracts } from './events.ts';
import { DropManifestSchema, RunRequestSchema } from './http.ts';
import { PipelineSpecificationSchema } from './pipeline-specification.ts';

const schemas = [
  PipelineSpecificationSchema,
  RunRequestSchema,
  DropManifestSchema,
  ObjectCreatedSchema,
  TrainingJobStateSchema,
  ProcessingJobStateSchema,
  TransformJobStateSchema,
  EndpointStateSchema,
  ...Object.values(contracts).map((contract) => contract.detail),
];

const exportName = (id: string): string => `is${id.replace('.v', 'V')}`;

function generate(): void {
  const ajv = new Ajv({
    schemas: schemas.map((schema) => ({ ...schema })),
    code: { source: true, esm: true, lines: false },
    useDefaults: true,
    allErrors: true,
    strictTypes: false,
    keywords: [],
  });
  const names = Object.fromEntries(schemas.map(({ $id }) => [exportName($id as string), $id as string]));
  const generated = (standalone as unknown as { default: typeof standalone }).default ?? standalone;
  const code = (generated as unknown as (ajv: Ajv, names: Record<string, string>) => string)(ajv, names);
  const declarations = Object.keys(names).map((name) => `export const ${name}: Validator;`);
  const folder = join(import.meta.dirname, 'generated');
  mkdirSync(folder, { recursive: true });
  write(join(folder, 'validators.mjs'), inlineRequires(code));
  write(
    join(folder, 'validators.d.mts'),
    [
      "import type { ErrorObject } from 'ajv';",
      'export interface Validator { (value: unknown): boolean; errors?: ErrorObject[] | null }',
      ...declarations,
      '',
    ].join('\n'),
  );
}

/** Ajv's ESM output still asks for its run-time helpers by require. */
function inlineRequires(code: string): string {
  const imports: string[] = [];
  const body = code.replaceAll(
    /require\("(ajv\/dist\/runtime\/[a-z0-9]+)"\)\.default/g,
    (_, path: string) => {
      const name = `runtime_${path.split('/').at(-1)}`;
      const line = `import ${name}_module from '${path}.js';\nconst ${name} = ${name}_module.default ?? ${name}_module;`;
      if (!imports.includes(line)) imports.push(line);
      return name;
    },
  );
  if (body.includes('require(')) throw new Error('A generated validator still uses require');
  return `${imports.join('\n')}\n${body}`;
}

/** Several processes may generate at once: the same content is left alone, a new one replaces by rename. */
function write(path: string, content: string): void {
  try {
    if (readFileSync(path, 'utf8') === content) {
      utimesSync(path, new Date(), new Date());
      return;
    }
  } catch {
    // not there yet
  }
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

generate();
