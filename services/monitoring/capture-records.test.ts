import { parseCaptureLine } from './capture-records.ts';

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
  it('given one row, then its features, answer and time are read', () => {
    expect(parseCaptureLine(record(csv('1,2,3\n'), csv('7\n')))).toEqual({
      kind: 'inference',
      inference: { id: 'e1', time: '2026-11-23T10:00:00Z', rows: ['1,2,3'], predictions: ['7'] },
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
    expect(parseCaptureLine(record(csv('1,2\r\n3,4\r\n'), csv(output)))).toMatchObject({
      inference: { rows: ['1,2', '3,4'], predictions: ['0.1', '0.9'] },
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
    expect(parseCaptureLine(record(encoded, csv('1')))).toMatchObject({ inference: { rows: ['5,6'] } });
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
      'a JSON body',
      record({ observedContentType: 'application/json', data: '{}', encoding: 'JSON' }, csv('7')),
      'the captured input is no text/csv',
    ],
    ['an empty body', record(csv(' \n'), csv('7')), 'the captured input has no rows'],
    [
      'no capture data',
      JSON.stringify({ eventMetadata: { eventId: 'e' } }),
      'the captured input is no text/csv',
    ],
  ])('given %s, then it says why it cannot be read', (_, line, reason) => {
    expect(parseCaptureLine(line)).toEqual({ kind: 'unreadable', reason });
  });
});
