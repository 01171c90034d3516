export type Leaf = string | number | boolean | null;

/** One scalar of an event and the elements, as `[array's number, index]`, that it lies in. */
export interface Field {
  readonly value: Leaf;
  readonly elements: readonly (readonly [array: number, index: number])[];
}

/** An event as its leaves by dotted path. A dot in a key equals nesting, as EventBridge has it; an empty array
 * or object has no leaf. */
export type Fields = ReadonlyMap<string, readonly Field[]>;

/** PutEvents takes no deeper JSON.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MAX_DEPTH = 1100;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of an object, given as JSON text, within what `around` makes of it; undefined when the text is no object's
 * or too deep. */
export function fieldsOf(json: string, around = (object: object): object => object): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? flatten(around(value)) : undefined;
  } catch {
    return undefined;
  }
}

/** Flattens an event. Throws RangeError beyond 1,100 levels. */
export function flatten(event: unknown): Fields {
  const flat = { fields: new Map<string, Field[]>(), arrays: 0 };
  visit(event, '', [], 0, flat);
  return flat.fields;
}

function visit(
  value: unknown,
  path: string,
  elements: Field['elements'],
  depth: number,
  flat: { readonly fields: Map<string, Field[]>; arrays: number },
): void {
  if (depth > MAX_DEPTH) throw new RangeError(`The event is nested more than ${MAX_DEPTH} levels deep`);
  if (typeof value !== 'object' || value === null) {
    const known = flat.fields.get(path) ?? [];
    if (known.push({ value: value as Leaf, elements }) === 1) flat.fields.set(path, known);
    return;
  }
  const array = Array.isArray(value) ? flat.arrays++ : undefined;
  const inner = path && `${path}.`;
  for (const [key, item] of Object.entries(value)) {
    if (array === undefined) visit(item, inner + key, elements, depth + 1, flat);
    else visit(item, path, [...elements, [array, Number(key)]], depth + 1, flat);
  }
}
