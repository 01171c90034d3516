import { digitsCsv, digitsRows, dirtyDigitsCsv } from './data.ts';
import { readDigits } from './mnist.ts';

describe('MNIST from the npm package', () => {
  it('has the digits that everybody knows, across both files', () => {
    // The first labels of the training and of the test set, as published.
    expect(readDigits(0, 10).map((digit) => digit.label)).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect(readDigits(59_999, 4).map((digit) => digit.label)).toEqual([8, 7, 2, 1]);
    expect(readDigits(60_000, 1)[0]?.pixels).toHaveLength(784);
  });

  it.each([
    [-1, 1],
    [69_999, 2],
    [0.5, 1],
  ])('has no digits from %d, count %d', (from, count) => {
    expect(() => readDigits(from, count)).toThrow(RangeError);
  });
});

describe('digitsCsv', () => {
  it('has a header, a label and 784 pixels a row', () => {
    const [header, first, second, end] = digitsCsv({ from: 0, count: 2 }).split('\n');
    expect(header?.split(',')).toHaveLength(785);
    expect(header).toMatch(/^label,p0,p1,.*,p783$/);
    expect(first).toBe(`5,${digitsRows({ from: 0, count: 1 })[0]?.csv}`);
    expect(second?.startsWith('0,')).toBe(true);
    expect(end).toBe('');
  });

  it('inverts and moves the ink', () => {
    const [plain, inverted, moved] = (['none', 'invert', 'translate'] as const).map(
      (transform) => digitsRows({ from: 0, count: 1, transform })[0]!,
    );
    expect([...inverted!.pixels]).toEqual([...plain!.pixels].map((pixel) => 255 - pixel));
    for (const [x, y] of [
      [10, 10],
      [14, 7],
      [21, 21],
    ] as const) {
      expect(moved!.pixels[(y + 6) * 28 + x + 6]).toBe(plain!.pixels[y * 28 + x]);
    }
  });
});

describe('dirtyDigitsCsv', () => {
  const dirt = { duplicates: 4, outOfRange: 3, wordLabels: 2, tornLines: 3 };
  const { csv, summary } = dirtyDigitsCsv({ from: 100, count: 50, seed: 9, dirt });
  const lines = csv.trimEnd().split('\n');

  it('keeps every clean row and names every dirty line', () => {
    expect(summary).toMatchObject({ rows: 62, clean: 50, dirt });
    expect(lines).toHaveLength(63);
    const dirty = new Set(summary.lines.map(({ line }) => line));
    const rest = lines.filter((_, at) => !dirty.has(at + 1));
    expect(`${rest.join('\n')}\n`).toBe(digitsCsv({ from: 100, count: 50 }));
  });

  it('spoils each line in the way that it says', () => {
    const clean = new Set(digitsCsv({ from: 100, count: 50 }).split('\n'));
    for (const { line, kind } of summary.lines) {
      const text = lines[line - 1]!;
      const cells = text.split(',');
      expect(
        {
          duplicate: clean.has(text),
          'out-of-range':
            cells.slice(1).some((cell) => Number(cell) > 255 || Number(cell) < 0) && cells.length === 785,
          'word-label': cells[0] === 'seven' && cells.length === 785,
          'torn-line': cells.length < 785 && cells.length > 1,
        }[kind],
      ).toBe(true);
    }
  });

  it('is the same for the same seed only', () => {
    expect(dirtyDigitsCsv({ from: 100, count: 50, seed: 9, dirt }).csv).toBe(csv);
    expect(dirtyDigitsCsv({ from: 100, count: 50, seed: 10, dirt }).csv).not.toBe(csv);
  });
});
