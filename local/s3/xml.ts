import { XMLParser } from 'fast-xml-parser';
import { s3Error } from './s3-error.ts';

/** Text, or elements by name in order; an array repeats its element, `undefined` leaves it out. */
export type XmlContent = string | number | boolean | undefined | XmlElements;
export interface XmlElements {
  readonly [name: string]: XmlContent | readonly XmlContent[];
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** S3's error documents have no namespace. */
export function xmlDocument(root: string, content: XmlContent): string {
  const namespace = root === 'Error' ? '' : ` xmlns="${NAMESPACE}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace}>${write(content)}</${root}>`;
}

function write(content: XmlContent): string {
  if (typeof content !== 'object') return escapeText(String(content ?? ''));
  return Object.entries(content)
    .flatMap(([name, value]) => [value].flat().map((item) => [name, item] as const))
    .map(([name, item]) => (item === undefined ? '' : `<${name}>${write(item as XmlContent)}</${name}>`))
    .join('');
}

function escapeText(text: string): string {
  // S3 writes control characters as references, although XML 1.0 allows most of them in no form.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: object keys may hold them
  return text.replace(/[&<>"\x00-\x1f\x7f]/g, (c) => ENTITIES[c] ?? `&#x${c.charCodeAt(0).toString(16)};`);
}

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name) => name === 'Object' || name === 'Part',
});

/** The root element of a request's body as nested records of text. Throws MalformedXML. */
export function parseXml(body: Buffer, root: string): Record<string, unknown> {
  const text = body.toString('utf8');
  try {
    const document = text.includes('<!DOCTYPE') ? {} : (parser.parse(text, true) as Record<string, unknown>);
    const content = document[root];
    if (typeof content === 'object' && content !== null) return content as Record<string, unknown>;
    if (typeof content === 'string') return {};
  } catch {
    // the parser's own wording would not help an AWS client
  }
  throw s3Error('MalformedXML');
}
