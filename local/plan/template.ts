import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '../ports.ts';
import { objectOf, type Plain } from './fields.ts';
import { PlanError } from './plan-error.ts';

export const TEMPLATE_FILE = 'cloudformation-template-update-stack.json';

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: Plain;
}

/** Intrinsics are not yet resolved. */
export interface Template {
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Plain;
}

/** What the template is resolved for. */
export interface Place {
  readonly identity: Identity;
  /** The front door, for example `http://127.0.0.1:4566`: queue URLs begin with it. */
  readonly awsEndpoint: string;
}

export function readTemplate(packageDir: string): Template {
  const file = join(packageDir, TEMPLATE_FILE);
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new PlanError(file, `cannot be read; package the service first (${(error as Error).message})`);
  }
  return objectOf(parsed, 'template', 'Template', (template) => ({
    resources: template.map('Resources', (value, _where, id) =>
      objectOf(value, id, 'Resource', (resource) => ({
        id,
        type: resource.required('Type'),
        properties: resource.map('Properties', asItIs),
      })),
    ),
    outputs: template.map('Outputs', (value, where) =>
      objectOf(value, where, 'Output', (output) => output.member('Value', asItIs)),
    ),
  }));
}

const asItIs = (value: unknown) => value;
