/** YAML (or JSON, which is YAML) with the place of every value kept. */
import {
  Alias,
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import type { SpecificationProblem } from './http.ts';

const MAX_BYTES = 256 * 1024;
const MAX_ALIASES = 100;
const MAX_PROBLEMS = 20;

/** Something wrong at `path`; `at: 'key'` points to the key there, not to its value. */
export interface Finding {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly at?: 'key' | 'value';
}

export type YamlSource =
  | {
      readonly kind: 'read';
      readonly value: unknown;
      readonly place: (finding: Finding) => SpecificationProblem;
    }
  | { readonly kind: 'invalid'; readonly problems: readonly SpecificationProblem[] };

export function readYaml(text: string): YamlSource {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES)
    return refused(`expected at most ${MAX_BYTES / 1024} KiB of text, found ${Math.ceil(bytes / 1024)} KiB`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, MAX_PROBLEMS).map(({ code, message, pos }) => {
      const { line, col } = lines.linePos(pos[0]);
      return { line, column: col, path: '', message: explain(code, message) };
    });
    return { kind: 'invalid', problems };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { kind: 'read', value, place: (finding) => place(document, lines, finding) };
  } catch (error) {
    return refused(`cannot resolve the aliases: ${(error as Error).message}`);
  }
}

function refused(message: string): YamlSource {
  return { kind: 'invalid', problems: [{ line: 1, column: 1, path: '', message }] };
}

function explain(code: string, message: string): string {
  switch (code) {
    case 'RESOURCE_EXHAUSTION':
      return 'the text nests too deeply';
    case 'DUPLICATE_KEY':
      return 'this key stands here twice';
    case 'MULTIPLE_DOCS':
      return 'expected one document, found a second after "---"';
    default:
      return `not readable as YAML or JSON: ${message}`;
  }
}

function place(document: Document, lines: LineCounter, { path, message, at }: Finding): SpecificationProblem {
  const offset = offsetOf(document, path, at ?? 'value');
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col), path: pointer(path), message };
}

const pointer = (path: readonly (string | number)[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Start of the node at `path`, or of the nearest one above it (a default has no place of its own). */
function offsetOf(document: Document, path: readonly (string | number)[], at: 'key' | 'value'): number {
  let node = resolve(document, document.contents);
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, key] of path.entries()) {
    const step = child(node, key);
    if (!step) break;
    const last = depth === path.length - 1;
    const here = last && at === 'key' ? step.key : step.value;
    offset = here?.range?.[0] ?? step.key?.range?.[0] ?? offset;
    node = resolve(document, step.value);
  }
  return offset;
}

function child(node: Node | undefined, key: string | number): { key?: Node; value?: Node } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(key)];
    return isNode(item) ? { value: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key: name }) => isScalar(name) && String(name.value) === String(key));
  if (!pair) return undefined;
  return {
    ...(isNode(pair.key) ? { key: pair.key } : {}),
    ...(isNode(pair.value) ? { value: pair.value } : {}),
  };
}

function resolve(document: Document, node: unknown): Node | undefined {
  if (node instanceof Alias) return node.resolve(document);
  return isNode(node) ? node : undefined;
}
