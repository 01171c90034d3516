/** Text, or elements by name in order; an array repeats its element, `undefined` leaves it out. */
export type XmlContent = string | number | boolean | undefined | XmlElements;
export interface XmlElements {
  readonly [name: string]: XmlContent | readonly XmlContent[];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Carriage returns and the like are written as references: parsers would turn them into line feeds. */
export function writeXml(content: XmlContent): string {
  if (typeof content === 'object') return Object.entries(content).map(elements).join('');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: texts may hold them
  return String(content ?? '').replace(/[&<>"\x00-\x1f\x7f]/g, (c) => ENTITIES[c] ?? `&#${c.charCodeAt(0)};`);
}

function elements([name, value]: [string, XmlContent | readonly XmlContent[]]): string {
  const items = Array.isArray(value) ? (value as readonly XmlContent[]) : [value as XmlContent];
  return items.map((item) => (item === undefined ? '' : `<${name}>${writeXml(item)}</${name}>`)).join('');
}
