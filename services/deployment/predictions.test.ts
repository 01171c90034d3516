import fc from 'fast-check';
import { parseLabels, parsePredictions, UnusablePredictions } from './predictions.ts';

describe('the files of an evaluation', () => {
  it('are one answer a line, whatever ends the lines', () => {
    expect(parseLabels('7\n0\n3\n')).toEqual([7, 0, 3]);
    expect(parseLabels('7\r\n0\r\n3')).toEqual([7, 0, 3]);
    expect(parsePredictions('0.5\n1e-3\n-.5\n+2.\n', 'value', 4)).toEqual([0.5, 0.001, -0.5, 2]);
    expect(parseLabels('')).toEqual([]);
    expect(parsePredictions('\n', 'label', 0)).toEqual([]);
  });

  it('come back as they were written', () => {
    const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(numbers, (values) => {
        const text = values.map(String).join('\n');
        expect(parsePredictions(text, 'value', values.length)).toEqual(
          values.map((value) => Number(String(value))),
        );
      }),
    );
  });

  it.each([
    ['seven', 'Line 2 of the labels is no number: "seven"'],
    ['', 'Line 2 of the labels is no number: ""'],
    ['nan', 'Line 2'],
    ['Infinity', 'Line 2'],
    ['0x10', 'Line 2'],
    ['1,2', 'Line 2'],
    ['1e999', 'Line 2'],
  ])('name the line that is no number: %s', (line, message) => {
    expect(() => parseLabels(`1\n${line}\n3`)).toThrow(message);
    expect(() => parseLabels(`1\n${line}\n3`)).toThrow(UnusablePredictions);
  });

  it('name the first line that is missing or too many', () => {
    expect(() => parsePredictions('1\n2\n', 'label', 3)).toThrow('answered 2 of 3 rows: line 3 is missing');
    expect(() => parsePredictions('1\n2\n3\n4\n', 'label', 2)).toThrow(
      'answered 4 of 2 rows: line 3 is one too many',
    );
    expect(() => parsePredictions('', 'label', 2)).toThrow('line 1 is missing');
  });

  it('hold probabilities where probabilities are promised', () => {
    expect(parsePredictions('0\n1\n0.25', 'probability', 3)).toEqual([0, 1, 0.25]);
    expect(() => parsePredictions('0\n1.5', 'probability', 2)).toThrow(
      'Line 2 of the predictions is no probability: 1.5',
    );
    expect(() => parsePredictions('-0.1', 'probability', 1)).toThrow(UnusablePredictions);
    expect(parsePredictions('1.5', 'value', 1)).toEqual([1.5]);
  });
});
