/** The part of a document that a JSON path names (`$`, `$.a.b`, `$.a[0]`, `$.a[*].b`, `$['a-b']`), undefined when
 * there is none. This is the subset that EventBridge takes. */
export function valueAt(document: unknown, path: string): unknown {
  const steps = [...path.matchAll(STEP)].map(([, name, quoted, index]) => name ?? quoted ?? index!);
  return follow(document, steps);
}

/** Whether a text is such a path. */
export function isJsonPath(path: string): boolean {
  return /^\$(?:\.[^.[\]\s]+|\['[^']*'\]|\[(?:\d+|\*)\])*$/.test(path);
}

const STEP = /\.([^.[\]\s]+)|\['([^']*)'\]|\[(\d+|\*)\]/g;

function follow(value: unknown, steps: readonly string[]): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  if (step === '*' && Array.isArray(value)) {
    return value.map((item) => follow(item, rest)).filter((item) => item !== undefined);
  }
  return Object.hasOwn(value, step) ? follow((value as Record<string, unknown>)[step], rest) : undefined;
}
