/** A source file as the dependency rule sees it: what it imports, and what of the process it reads. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseSync } from '@swc/core';

export interface Import {
  /** A path from the repository's root (`shared/contracts/names.ts`) or a package (`@aws-sdk/client-s3`, `node:fs`). */
  readonly to: string;
  readonly isOurs: boolean;
  readonly isTypeOnly: boolean;
  /** `export … from`. */
  readonly isReExport: boolean;
}

export interface SourceModule {
  readonly path: string;
  readonly imports: readonly Import[];
  readonly readsEnvironment: boolean;
  /** The comment at its head calls it pure. */
  readonly isPure: boolean;
}

/** The members of a syntax node that are looked at. */
interface Node {
  readonly type?: unknown;
  readonly value?: unknown;
  readonly source?: unknown;
  readonly typeOnly?: unknown;
  readonly callee?: unknown;
  readonly arguments?: readonly { readonly expression?: unknown }[];
  readonly object?: unknown;
  readonly property?: unknown;
  readonly expression?: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodesOf(item);
  } else if (isNode(value)) {
    yield value;
    for (const member of Object.values(value)) yield* nodesOf(member);
  }
}

interface Found {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
  readonly isReExport: boolean;
}

const textOf = (node: unknown): string => (isNode(node) ? String(node.value ?? '') : '');

function importOf(node: Node): Found | undefined {
  const isTypeOnly = node.typeOnly === true;
  switch (node.type) {
    case 'ImportDeclaration':
      return { specifier: textOf(node.source), isTypeOnly, isReExport: false };
    case 'ExportAllDeclaration':
      return { specifier: textOf(node.source), isTypeOnly, isReExport: true };
    case 'ExportNamedDeclaration':
      return node.source ? { specifier: textOf(node.source), isTypeOnly, isReExport: true } : undefined;
    case 'CallExpression':
      return dynamicImportOf(node);
    default:
      return undefined;
  }
}

function dynamicImportOf(call: Node): Found | undefined {
  if (!isNode(call.callee) || call.callee.type !== 'Import') return undefined;
  return { specifier: textOf(call.arguments?.[0]?.expression), isTypeOnly: false, isReExport: false };
}

function isProcessEnv(node: Node): boolean {
  const { type, object, property } = node;
  return (
    type === 'MemberExpression' &&
    isNode(object) &&
    object.value === 'process' &&
    isNode(property) &&
    [property.value, textOf(property.expression)].includes('env')
  );
}

function resolved(path: string, { specifier, ...rest }: Found): Import {
  const isOurs = specifier.startsWith('.');
  return { ...rest, isOurs, to: isOurs ? posix.join(posix.dirname(path), specifier) : specifier };
}

export function sourceModule(path: string, source: string): SourceModule {
  const { body } = parseSync(source, { syntax: 'typescript', target: 'es2024' });
  const nodes = [...nodesOf(body)];
  const imports = nodes.flatMap((node) => {
    const found = importOf(node);
    return found ? [resolved(path, found)] : [];
  });
  const head = /^\s*\/\*\*([\s\S]*?)\*\//.exec(source)?.[1] ?? '';
  return {
    path,
    imports,
    isPure: /\bPure\b/.test(head),
    readsEnvironment: nodes.some(isProcessEnv) || imports.some(({ to }) => to === 'node:process'),
  };
}

const SKIPPED = new Set(['node_modules', 'generated']);

/** Every TypeScript file below the folders, by its path from the root. */
export function readModules(root: string, folders: readonly string[]): SourceModule[] {
  const read = (folder: string): SourceModule[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return SKIPPED.has(entry.name) || entry.name.startsWith('.') ? [] : read(path);
      return path.endsWith('.ts') ? [sourceModule(path, readFileSync(join(root, path), 'utf8'))] : [];
    });
  return folders.flatMap(read);
}
