/** Columns that are alike but for a number in their names, declared once: `p{0..783}`. Pure. */

/** The parts of a name around its last number; undefined for one that a family could not name. */
function countedName(name: string): { before: string; number: number; after: string } | undefined {
  const match = /^(.*?)(0|[1-9]\d{0,4})(\D*)$/.exec(name);
  if (!match || /[{}]/.test(name)) return undefined;
  const before = match[1]!;
  // "a10" is not read as "a1" and "0".
  return /\d$/.test(before) ? undefined : { before, number: Number(match[2]), after: match[3]! };
}

const LEAST = 3;

/** Runs of neighbours with `alike` settings whose numbers count up become one; the others stay as they are. */
export function foldFamilies<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  alike: (item: T) => string,
): readonly { readonly name: string; readonly first: T; readonly count: number }[] {
  const runs: T[][] = [];
  for (const item of items) {
    const run = runs.at(-1);
    if (run && follows(run, item, nameOf, alike)) run.push(item);
    else runs.push([item]);
  }
  return runs.flatMap((run) => {
    if (run.length < LEAST) return run.map((item) => ({ name: nameOf(item), first: item, count: 1 }));
    const [first, last] = [countedName(nameOf(run[0]!))!, countedName(nameOf(run.at(-1)!))!];
    return [
      {
        name: `${first.before}{${first.number}..${last.number}}${first.after}`,
        first: run[0]!,
        count: run.length,
      },
    ];
  });
}

function follows<T>(
  run: readonly T[],
  item: T,
  nameOf: (item: T) => string,
  alike: (item: T) => string,
): boolean {
  const [before, after] = [countedName(nameOf(run.at(-1)!)), countedName(nameOf(item))];
  if (!before || !after) return false;
  return (
    after.number === before.number + 1 &&
    after.before === before.before &&
    after.after === before.after &&
    alike(run[0]!) === alike(item)
  );
}
