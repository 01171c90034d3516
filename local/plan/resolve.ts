import { isPlain, listOf, textOf } from './fields.ts';
import { type Named, nameOf } from './naming.ts';
import { PlanError } from './plan-error.ts';
import type { Place, Template } from './template.ts';

export interface Resolver {
  /** The value without intrinsics; throws PlanError for one that is not understood. */
  resolve(value: unknown, where: string): unknown;
  named(id: string): Named;
}

type Intrinsic = (argument: unknown, where: string) => unknown;

/** Resolves Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Select, Fn::Split and the pseudo parameters. */
export function createResolver(template: Template, place: Place): Resolver {
  const pseudo: Readonly<Record<string, string | undefined>> = {
    'AWS::AccountId': place.identity.account,
    'AWS::Region': place.identity.region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::NoValue': undefined,
  };
  const names = new Map<string, Named | 'unfinished'>();

  function named(id: string, where = id): Named {
    const resource = Object.hasOwn(template.resources, id) ? template.resources[id] : undefined;
    if (!resource) throw new PlanError(where, `refers to ${id}, which the template does not have`);
    const known = names.get(id);
    if (known === 'unfinished') throw new PlanError(where, `${id} is named by itself`);
    if (known) return known;
    names.set(id, 'unfinished');
    const found = nameOf(resource, place, resolve);
    names.set(id, found);
    return found;
  }

  function ref(id: unknown, where: string): string | undefined {
    const name = textOf(id, where);
    return Object.hasOwn(pseudo, name) ? pseudo[name] : named(name, where).ref;
  }

  function attribute(path: unknown, where: string): string {
    const [id = '', ...rest] = Array.isArray(path)
      ? listOf(path, where, textOf)
      : textOf(path, where).split('.');
    const { arn } = named(id, where);
    if (arn !== undefined && rest.join('.') === 'Arn') return arn;
    const type = template.resources[id]?.type;
    throw new PlanError(where, `the attribute ${rest.join('.')} of ${type} (${id}) is not understood`);
  }

  function substitute(argument: unknown, where: string): string {
    const [text, own] = Array.isArray(argument) ? pair(argument, where) : [argument, {}];
    const values = resolve(own, where);
    if (!isPlain(values)) throw new PlanError(where, 'an object was expected');
    return textOf(text, where).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(values, name)) return textOf(values[name], where);
      return textOf(name.includes('.') ? attribute(name, where) : ref(name, where), where);
    });
  }

  /** An intrinsic of text and one more argument, which may hold intrinsics. */
  const ofTwo =
    (give: (text: string, other: unknown, where: string) => unknown): Intrinsic =>
    (argument, where) => {
      const [text, other] = pair(resolve(argument, where), where);
      return give(textOf(text, where), other, where);
    };
  const intrinsics: Readonly<Record<string, Intrinsic>> = {
    Ref: ref,
    'Fn::GetAtt': attribute,
    'Fn::Sub': substitute,
    'Fn::Join': ofTwo((separator, parts, where) => listOf(parts, where, textOf).join(separator)),
    'Fn::Select': ofTwo((index, parts, where) => textOf(listOf(parts, where, textOf)[Number(index)], where)),
    'Fn::Split': ofTwo((separator, text, where) => textOf(text, where).split(separator)),
  };

  function resolve(value: unknown, where: string): unknown {
    if (Array.isArray(value)) {
      return value
        .map((each, index) => resolve(each, `${where}[${index}]`))
        .filter((each) => each !== undefined);
    }
    if (!isPlain(value)) return value;
    const entries = Object.entries(value);
    const alone = entries.length === 1;
    const [name, argument] =
      entries.find(([key]) => key.startsWith('Fn::') || (alone && key === 'Ref')) ?? [];
    if (name !== undefined) {
      const intrinsic = alone && Object.hasOwn(intrinsics, name) ? intrinsics[name] : undefined;
      if (!intrinsic) throw new PlanError(where, `the intrinsic ${name} is not understood`);
      return intrinsic(argument, where);
    }
    const resolved = entries.map(([key, each]) => [key, resolve(each, `${where}.${key}`)] as const);
    return Object.fromEntries(resolved.filter(([, each]) => each !== undefined));
  }

  return { resolve, named };
}

function pair(value: unknown, where: string): readonly [unknown, unknown] {
  if (Array.isArray(value) && value.length === 2) return [value[0], value[1]];
  throw new PlanError(where, 'a list of two was expected');
}
