import { isPlain } from './fields.ts';
import { type Named, nameOf } from './names.ts';
import { PlanError } from './plan-error.ts';
import type { Place, Template } from './template.ts';

export interface Resolver {
  /** The value without intrinsics; throws PlanError for one that is not understood. */
  resolve(value: unknown, where: string): unknown;
  named(id: string): Named;
}

/** Resolves Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Select, Fn::Split and the pseudo parameters. */
export function createResolver(template: Template, place: Place): Resolver {
  const { account, region } = place.identity;
  const pseudo: Readonly<Record<string, string | undefined>> = {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::NoValue': undefined,
  };
  const names = new Map<string, Named>();

  function named(id: string, where = id): Named {
    const resource = template.resources.get(id);
    if (!resource) throw new PlanError(where, `refers to ${id}, which the template does not have`);
    const known = names.get(id) ?? nameOf(resource, place, resolve);
    names.set(id, known);
    return known;
  }

  function ref(id: unknown, where: string): string | undefined {
    const name = String(id);
    return Object.hasOwn(pseudo, name) ? pseudo[name] : named(name, where).ref;
  }

  function attribute(path: unknown, where: string): string {
    const [id = '', ...rest] = Array.isArray(path) ? path.map(String) : String(path).split('.');
    const name = rest.join('.');
    const value = named(id, where).attributes[name];
    const type = template.resources.get(id)?.type;
    if (value === undefined)
      throw new PlanError(where, `the attribute ${name} of ${type} (${id}) is not understood`);
    return value;
  }

  function substitute(argument: unknown, where: string): string {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    const values = resolve(own, where) as Record<string, unknown>;
    return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(values, name)) return String(values[name]);
      return String(name.includes('.') ? attribute(name, where) : ref(name, where));
    });
  }

  function intrinsic(name: string, argument: unknown, where: string): unknown {
    switch (name) {
      case 'Ref':
        return ref(argument, where);
      case 'Fn::GetAtt':
        return attribute(argument, where);
      case 'Fn::Sub':
        return substitute(argument, where);
      case 'Fn::Join': {
        const [separator, parts] = list(resolve(argument, where), where);
        return list(parts, where).join(String(separator));
      }
      case 'Fn::Select': {
        const [index, parts] = list(resolve(argument, where), where);
        return list(parts, where)[Number(index)];
      }
      case 'Fn::Split': {
        const [separator, text] = list(resolve(argument, where), where);
        return String(text).split(String(separator));
      }
      default:
        throw new PlanError(where, `the intrinsic ${name} is not understood`);
    }
  }

  function resolve(value: unknown, where: string): unknown {
    if (Array.isArray(value)) {
      return value
        .map((each, index) => resolve(each, `${where}[${index}]`))
        .filter((each) => each !== undefined);
    }
    if (!isPlain(value)) return value;
    const entries = Object.entries(value);
    const [first] = entries;
    if (first && entries.length === 1 && (first[0] === 'Ref' || first[0].startsWith('Fn::'))) {
      return intrinsic(first[0], first[1], where);
    }
    const resolved = entries.map(([key, each]) => [key, resolve(each, `${where}.${key}`)] as const);
    return Object.fromEntries(resolved.filter(([, each]) => each !== undefined));
  }

  return { resolve, named };
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new PlanError(where, 'a list was expected');
  return value;
}
