/** The Query protocol's requests and answers by their shapes. All lists and maps of SQS are flattened; requests may
 * have lists by `member` as well, as other services' are.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
import type { XmlContent, XmlElements } from '../xml.ts';
import type { Shape } from './shapes.ts';

interface Parameters {
  [name: string]: Parameters | string;
}

/** The parameters `A.1.B=x` as `{ A: { 1: { B: 'x' } } }`. */
export function parameterTree(parameters: URLSearchParams): Parameters {
  const root: Parameters = Object.create(null);
  for (const [name, value] of parameters) {
    const path = name.split('.');
    const last = path.pop() ?? '';
    let node = root;
    for (const step of path) {
      if (typeof node[step] !== 'object') node[step] = Object.create(null) as Parameters;
      node = node[step];
    }
    node[last] = value;
  }
  return root;
}

/** What the JSON protocol would have carried. What does not fit is left as it is, for `check` to refuse. */
export function fromQuery(shape: Shape, value: Parameters | string | undefined): unknown {
  if (shape.isListSchema()) return items(value).map((item) => fromQuery(shape.getValueSchema(), item));
  if (shape.isMapSchema()) {
    const [key, item] = [shape.getKeySchema(), shape.getValueSchema()];
    const entries = items(value).filter((entry) => typeof entry === 'object');
    return Object.fromEntries(
      entries.map((entry) => [entry[nameOf(key)], fromQuery(item, entry[nameOf(item)])]),
    );
  }
  if (shape.isStructSchema() && typeof value === 'object') {
    const members = [...shape.structIterator()];
    return Object.fromEntries(
      members.map(([name, member]) => [name, fromQuery(member, value[nameOf(member)])]),
    );
  }
  if (shape.isNumericSchema() && NUMBER.test(String(value))) return Number(value);
  if (shape.isTimestampSchema() && value !== undefined) return Date.parse(String(value)) / 1000;
  return shape.isBooleanSchema() && value !== undefined ? value === 'true' : value;
}

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

function items(value: Parameters | string | undefined): (Parameters | string)[] {
  const list = typeof value === 'object' ? (value.member ?? value) : undefined;
  const entries = typeof list === 'object' ? Object.entries(list) : [];
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item);
}

/** The elements of a structure that the JSON protocol would have carried. */
export function toXml(shape: Shape, value: Readonly<Record<string, unknown>>): XmlElements {
  const members = [...shape.structIterator()];
  return Object.fromEntries(members.map(([name, member]) => [nameOf(member), contents(member, value[name])]));
}

function contents(shape: Shape, value: unknown): XmlContent | readonly XmlContent[] {
  if (value === undefined) return undefined;
  if (shape.isListSchema())
    return (value as unknown[]).map((item) => contents(shape.getValueSchema(), item) as XmlContent);
  if (shape.isStructSchema()) return toXml(shape, value as Record<string, unknown>);
  if (!shape.isMapSchema()) return String(value);
  const [key, item] = [shape.getKeySchema(), shape.getValueSchema()];
  const entries = Object.entries(value as object);
  return entries.map(([k, v]) => ({ [nameOf(key)]: k, [nameOf(item)]: contents(item, v) }));
}

function nameOf(shape: Shape): string {
  const { xmlName } = shape.getMergedTraits() as { readonly xmlName?: string };
  return xmlName ?? shape.getMemberName();
}
