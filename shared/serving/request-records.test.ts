import fc from 'fast-check';
import { csvLine } from './csv-text.ts';
import { type RecordMediaType, readRecords, recordMediaType, UnreadableBody } from './request-records.ts';

const columns = { names: ['station', 'temperature', 'needed'], target: 2 };

const read = (type: RecordMediaType, body: string) =>
  readRecords(type, body, columns).map((record) =>
    record.kind === 'cells' ? record.cells : [record.problem.rule, record.problem.column],
  );

describe('the records of a request', () => {
  it.each<[type: RecordMediaType, body: string]>([
    ['text/csv', 'ENGM, -3.5\r\n"CYYZ",'],
    ['text/csv', 'ENGM,-3.5,1\nCYYZ,,'],
    ['application/json', '[{"station":" ENGM","temperature":-3.5,"extra":1},{"station":"CYYZ"}]'],
    ['application/json', '{"instances":[["ENGM",-3.5],{"station":"CYYZ","temperature":null}]}'],
    ['application/json', '{"instances":[{"features":["ENGM",-3.5,1]},{"features":["CYYZ",""]}]}'],
    ['application/jsonlines', '{"station":"ENGM","temperature":"-3.5","needed":1}\n\n{"station":"CYYZ"}\n'],
  ])('are the cells of the columns but the target: %s %s', (type, body) => {
    expect(read(type, body)).toEqual([
      ['ENGM', '-3.5'],
      ['CYYZ', ''],
    ]);
  });

  it('may be one object', () => {
    expect(read('application/json', '{"station":true,"temperature":1e21}')).toEqual([['true', '1e+21']]);
  });

  it.each<[type: RecordMediaType, body: string, rule: string, column: string | null]>([
    ['text/csv', 'ENGM', 'torn-line', null],
    ['text/csv', 'ENGM,1,0,0', 'torn-line', null],
    ['text/csv', '"ENGM"x,1', 'broken-quote', null],
    ['text/csv', `${'x'.repeat(40_000)},1`, 'cell-too-long', 'station'],
    ['application/json', '[7]', 'not-json', null],
    ['application/json', '{"station":{"name":"ENGM"}}', 'not-a-cell', 'station'],
    ['application/json', '[["ENGM",[1]]]', 'not-a-cell', null],
    ['application/jsonlines', '{"station":', 'not-json', null],
  ])('are problems one by one: %s %j is %s', (type, body, rule, column) => {
    expect(read(type, body)).toEqual([[rule, column]]);
  });

  it('are none in a body that is no JSON, or no object', () => {
    expect(() => read('application/json', '{')).toThrow(UnreadableBody);
    expect(() => read('application/json', '7')).toThrow('neither a JSON object nor an array');
  });

  it('are the same however they were written', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é') });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 4 }), (rows) => {
        const objects = rows.map(([station, temperature]) => ({ station, temperature }));
        const csv = read('text/csv', rows.map(csvLine).join('\n'));
        expect(read('application/json', JSON.stringify({ instances: objects }))).toEqual(csv);
        expect(read('application/jsonlines', objects.map((one) => JSON.stringify(one)).join('\n'))).toEqual(
          csv,
        );
      }),
    );
  });

  it('are known by their media type, whatever its parameters', () => {
    expect(recordMediaType('Text/CSV; charset=utf-8')).toBe('text/csv');
    expect(recordMediaType('image/png')).toBeUndefined();
  });
});
