export type Leaf = string | number | boolean | null;
export type LeafTest = (leaf: Leaf) => boolean;

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

interface Place {
  readonly path: string;
  readonly elements: Field['elements'];
}

/** Flattens an event. Throws RangeError beyond 1,100 levels. */
export function flatten(event: unknown): Fields {
  const fields = new Map<string, Field[]>();
  let arrays = 0;
  const visit = (value: unknown, place: Place, depth: number): void => {
    if (depth > MAX_DEPTH) throw new RangeError(`The event is nested more than ${MAX_DEPTH} levels deep`);
    if (typeof value === 'object' && value !== null) {
      for (const [item, inner] of membersOf(value, place, arrays++)) visit(item, inner, depth + 1);
      return;
    }
    const field = { value: value as Leaf, elements: place.elements };
    const known = fields.get(place.path);
    if (known) known.push(field);
    else fields.set(place.path, [field]);
  };
  visit(event, { path: '', elements: [] }, 0);
  return fields;
}

function membersOf(value: object, { path, elements }: Place, array: number): [unknown, Place][] {
  if (Array.isArray(value))
    return value.map((item, index) => [item, { path, elements: [...elements, [array, index]] }]);
  const prefix = path === '' ? '' : `${path}.`;
  return Object.entries(value).map(([key, item]) => [item, { path: prefix + key, elements }]);
}
