export type Leaf = string | number | boolean | null;
export type LeafTest = (leaf: Leaf) => boolean;

/** One scalar of an event and, for each array that it lies in, which element: `[array number, index, …]`. */
export interface Field {
  readonly value: Leaf;
  readonly elements: readonly number[];
}

/** An event as its leaves by dotted path. A dot in a key equals nesting, as EventBridge has it; an empty array
 * or object has no leaf. */
export type Fields = ReadonlyMap<string, readonly Field[]>;

const MAX_DEPTH = 1000;

interface Place {
  readonly path: string;
  readonly elements: readonly number[];
  readonly depth: number;
}

/** Flattens an event. Throws RangeError beyond 1,000 levels, EventBridge's own bound. */
export function flatten(event: unknown): Fields {
  const fields = new Map<string, Field[]>();
  let arrays = 0;
  const visit = (value: unknown, place: Place): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [item, inner] of members(value, place, arrays++)) visit(item, inner);
      return;
    }
    const field = { value: value as Leaf, elements: place.elements };
    const known = fields.get(place.path);
    if (known) known.push(field);
    else fields.set(place.path, [field]);
  };
  visit(event, { path: '', elements: [], depth: 0 });
  return fields;
}

function members(value: object, { path, elements, depth }: Place, array: number): [unknown, Place][] {
  if (depth === MAX_DEPTH) throw new RangeError(`The event is nested more than ${MAX_DEPTH} levels deep`);
  const inner = { path, elements, depth: depth + 1 };
  if (Array.isArray(value)) {
    return value.map((item, index) => [item, { ...inner, elements: [...elements, array, index] }]);
  }
  const prefix = path === '' ? '' : `${path}.`;
  return Object.entries(value).map(([key, item]) => [item, { ...inner, path: prefix + key }]);
}
