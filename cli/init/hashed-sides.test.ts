import { bandText, type HashedColumn, placesOf, sharesFor } from './hashed-sides.ts';

const text = (name: string, cells: readonly string[]): HashedColumn => ({
  column: { name, type: 'text' },
  cells,
});
const number = (name: string, cells: readonly string[]): HashedColumn => ({
  column: { name, type: 'number' },
  cells,
});

describe('the place of a row', () => {
  it('is the first 13 hexadecimal digits of the MD5 of its values, each with its length', () => {
    // printf '5:north17:a6755399441055744' | md5sum
    expect(placesOf([text('place', ['north']), number('x', ['1.5'])], 1)).toEqual([
      0xb2781c872a178 / 2 ** 52,
    ]);
  });

  it('is the same for equal values, however they are written', () => {
    const canonical = {
      column: { name: 'c', type: 'text', canonical: { Norway: ['NO'] } } satisfies HashedColumn['column'],
    };
    const places = placesOf(
      [{ ...canonical, cells: ['Norway', 'no', ' NORWAY '] }, number('x', ['0', '-0', '0.0e5'])],
      3,
    );
    expect(new Set(places).size).toBe(1);
  });

  it.each([
    [1.5, 'a6755399441055744'],
    [-1.5, 'a-6755399441055744'],
    [1024, 'b2199023255552'],
    [2 ** 40 + 0.5, 'c1099511627776'],
    [2 ** 70, 'd16'],
    [Number.NaN, ''],
  ])('takes %d as %s', (value, expected) => {
    expect(bandText(value)).toBe(expected);
  });
});

describe('the shares of the sides', () => {
  const wanted = { test: 0.2, validation: 0.1 };
  it('are those that were wanted where many rows differ', () => {
    const cells = Array.from({ length: 5000 }, (_, row) => String(row));
    expect(sharesFor([number('x', cells)], 5000, wanted)).toEqual(wanted);
  });

  it('are cut between two different rows, where there are no more', () => {
    const columns = [
      text(
        'unit',
        Array.from({ length: 60 }, (_, row) => (row % 3 ? 'feet' : 'metres')),
      ),
    ];
    const { test, validation } = sharesFor(columns, 60, wanted);
    expect(validation).toBe(0);
    expect([20, 40]).toContain(placesOf(columns, 60).filter((place) => place < test).length);
  });

  it.each([4, 8, 12, 20, 50])('give every side rows where only %i differ', (different) => {
    for (let salt = 0; salt < 20; salt++) {
      const cells = Array.from({ length: 600 }, (_, row) => `${salt} ${row % different}`);
      const columns = [text('x', cells)];
      const { test, validation } = sharesFor(columns, 600, wanted);
      const places = placesOf(columns, 600);
      const tested = places.filter((place) => place < test).length;
      const watched = places.filter((place) => place >= test && place < test + validation).length;
      expect([tested > 30, watched > 10, 600 - tested - watched > 200]).toEqual([true, true, true]);
    }
  });
});
