import { parseCaptureLine as parse } from './capture-records.ts';

/** A header of so many columns, a target behind them. */
const columns = (count: number) => ({ names: [...'abc'].slice(0, count).concat('y'), target: count });
const parseCaptureLine = (line: string, width = 1) => parse(line, columns(width));
const cells = (...rows: string[][]) => rows.map((row) => ({ kind: 'cells', cells: row }));

const record = (
  input: object,
  output: object,
  metadata: object = { eventId: 'e1', inferenceTime: '2026-11-23T10:00:00Z' },
) =>
  JSON.stringify({
    captureData: {
      endpointInput: { mode: 'INPUT', ...input },
      endpointOutput: { mode: 'OUTPUT', ...output },
    },
    eventMetadata: metadata,
    eventVersion: '0',
  });
const csv = (data: string) => ({ observedContentType: 'text/csv', data, encoding: 'CSV' });

describe('parseCaptureLine', () => {
  it('given one record, then its cells, answer and time are read', () => {
    expect(parseCaptureLine(record(csv('1,"2,5",3\n'), csv('7\n')), 3)).toEqual({
      kind: 'inference',
      inference: {
        id: 'e1',
        time: '2026-11-23T10:00:00Z',
        records: cells(['1', '2,5', '3']),
        predictions: ['7'],
      },
    });
  });

  it('given an inference id, then it names the inference in place of the event id', () => {
    const line = parseCaptureLine(record(csv('1'), csv('7'), { eventId: 'e1', inferenceId: 'mine' }));
    expect(line).toMatchObject({ inference: { id: 'mine' } });
  });

  it.each([
    ['a line each', '0.1\n0.9'],
    ['one line for all', '0.1,0.9'],
    ['a label and its score each', '0.1,x\n0.9,y\n'],
  ])('given two rows and answers as %s, then each row has its own', (_, output) => {
    expect(parseCaptureLine(record(csv('1,2\r\n3,4\r\n'), csv(output)), 2)).toMatchObject({
      inference: { records: cells(['1', '2'], ['3', '4']), predictions: ['0.1', '0.9'] },
    });
  });

  it.each([
    ['an object', '{"a":1,"b":"x"}', '{"predictions":[{"score":0.5}]}', [['1', 'x']], ['0.5']],
    [
      'an array of objects',
      '[{"a":1},{"b":2}]',
      '{"predictions":[3,4]}',
      [
        ['1', ''],
        ['', '2'],
      ],
      ['3', '4'],
    ],
    ['instances', '{"instances":[[1,2]]}', '{"predictions":[{"label":7,"score":0.9}]}', [['1', '2']], ['7']],
  ])(
    'given JSON with %s, then its records and answers are read',
    (_, input, output, records, predictions) => {
      const json = (data: string) => ({ observedContentType: 'application/json', data, encoding: 'JSON' });
      expect(parseCaptureLine(record(json(input), json(output)), 2)).toMatchObject({
        inference: { records: cells(...records), predictions },
      });
    },
  );

  it('given JSON lines that the capture configuration did not declare, then they are read', () => {
    const data = Buffer.from('{"a":1}\n{"a":2}').toString('base64');
    const lines = { observedContentType: 'application/jsonlines', data, encoding: 'BASE64' };
    expect(parseCaptureLine(record(lines, csv('1\n2')))).toMatchObject({
      inference: { records: cells(['1'], ['2']), predictions: ['1', '2'] },
    });
  });

  it('given a record that cannot be read, then it is kept as a problem, one to one with the answers', () => {
    const line = parseCaptureLine(record(csv('1\n1,2,3\n2'), csv('1\n2\n3')));
    expect(line).toMatchObject({
      inference: {
        records: [{ kind: 'cells' }, { kind: 'problem', problem: { rule: 'torn-line' } }, { kind: 'cells' }],
        predictions: ['1', '2', '3'],
      },
    });
  });

  it('given an answer of another length, then no row has a prediction', () => {
    expect(parseCaptureLine(record(csv('1\n2'), csv('1\n2\n3')))).toMatchObject({
      inference: { predictions: [] },
    });
  });

  it('given text/csv that the capture configuration did not declare, then its BASE64 is read', () => {
    const encoded = {
      observedContentType: 'text/csv; charset=utf-8',
      encoding: 'BASE64',
      data: Buffer.from('5,6').toString('base64'),
    };
    expect(parseCaptureLine(record(encoded, csv('1')), 2)).toMatchObject({
      inference: { records: cells(['5', '6']) },
    });
  });

  it('given an inference that we replayed, then it is left out', () => {
    expect(parseCaptureLine(record(csv('1'), csv('7'), { eventId: 'e', inferenceId: 'replay-1' }))).toEqual({
      kind: 'replay',
    });
  });

  it.each([
    ['torn JSON', '{"captureData":', 'no JSON object'],
    ['an array', '[]', 'no JSON object'],
    ['no ids', record(csv('1'), csv('7'), {}), 'neither inferenceId nor eventId'],
    [
      'a body that is no JSON',
      record({ observedContentType: 'application/json', data: '7', encoding: 'JSON' }, csv('7')),
      expect.stringContaining('neither a JSON object nor an array'),
    ],
    [
      'another media type',
      record({ observedContentType: 'image/png', data: '', encoding: 'BASE64' }, csv('7')),
      'the captured input is neither text/csv nor JSON',
    ],
    ['an empty body', record(csv('\n'), csv('7')), 'the captured input has no records'],
    [
      'no capture data',
      JSON.stringify({ eventMetadata: { eventId: 'e' } }),
      'the captured input is neither text/csv nor JSON',
    ],
  ])('given %s, then it says why it cannot be read', (_, line, reason) => {
    expect(parseCaptureLine(line)).toEqual({ kind: 'unreadable', reason });
  });
});
