import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '../ports.ts';
import { fieldsOf, type Plain } from './fields.ts';
import { PlanError } from './plan-error.ts';

export const TEMPLATE_FILE = 'cloudformation-template-update-stack.json';

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: Plain;
}

export interface Template {
  readonly resources: ReadonlyMap<string, Resource>;
  /** Unresolved values by name. */
  readonly outputs: ReadonlyMap<string, unknown>;
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
  const known = ['AWSTemplateFormatVersion', 'Description', 'Resources', 'Outputs'];
  const template = fieldsOf(parsed, 'template', known);
  const resources = Object.entries(template.record('Resources') ?? {}).map(([id, value]) => {
    const attributes = [
      'Type',
      'Properties',
      'DependsOn',
      'DeletionPolicy',
      'UpdateReplacePolicy',
      'Metadata',
    ];
    const resource = fieldsOf(value, id, attributes);
    return [
      id,
      { id, type: resource.required('Type'), properties: resource.record('Properties') ?? {} },
    ] as const;
  });
  const outputs = Object.entries(template.record('Outputs') ?? {}).map(([name, value]) => {
    fieldsOf(value, `Outputs.${name}`, ['Value', 'Description', 'Export']);
    return [name, (value as Plain).Value] as const;
  });
  return { resources: new Map(resources), outputs: new Map(outputs) };
}
