import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { collectLabels as collect, parseGroundTruthLine as parse } from './ground-truth-records.ts';
import { targetLabels } from './target-labels.ts';

const numbers = targetLabels(specificationOf().data);
const parseGroundTruthLine = (text: string) => parse(text, numbers);
const collectLabels = (lines: AsyncIterable<string>) => collect(lines, numbers);

const line = (id: unknown, data: unknown, encoding = 'CSV') =>
  JSON.stringify({ groundTruthData: { data, encoding }, eventMetadata: { eventId: id }, eventVersion: '0' });

async function* linesOf(...lines: string[]): AsyncIterable<string> {
  yield* lines;
}

describe('parseGroundTruthLine', () => {
  it.each([
    ['CSV', '1', [1]],
    ['CSV', '1\n0\n', [1, 0]],
    ['CSV', '"3"', [3]],
    ['JSON', '2.5', [2.5]],
    ['BASE64', Buffer.from('4,5').toString('base64'), [4, 5]],
  ])('given %s data %j, then the labels are read', (encoding, data, labels) => {
    expect(parseGroundTruthLine(line('a', data, encoding))).toEqual({
      kind: 'label',
      label: { id: 'a', labels },
    });
  });

  it.each([
    ['torn JSON', '{"groundTruthData":', /no JSON object/],
    ['no id', line(undefined, '1'), /eventId is missing/],
    ['an endless id', line('x'.repeat(300), '1'), /longer than 256/],
    ['a word for a label', line('a', 'seven'), /"seven" is no number/],
    ['an empty label', line('a', ''), /"" is no number/],
    ['infinity', line('a', 'Infinity'), /is no number/],
    ['an unknown encoding', line('a', '1', 'XML'), /encoding CSV, JSON or BASE64/],
    ['no data', JSON.stringify({ eventMetadata: { eventId: 'a' } }), /groundTruthData/],
  ])('given %s, then the line is malformed with its reason', (_, text, reason) => {
    expect(parseGroundTruthLine(text)).toEqual({ kind: 'malformed', reason: expect.stringMatching(reason) });
  });
});

describe('labels of a text target', () => {
  const y = { name: 'y', type: 'text', canonical: { no: ['N'], 'yes, of course': ['Y'] } };
  const { data } = specificationOf({ data: { columns: [y, { name: 'a', type: 'number' }] } });

  it('are its names, quoted where they have to be', () => {
    const labels = targetLabels(data);
    expect(parse(line('a', 'N,"Yes, of course"\n1'), labels)).toEqual({
      kind: 'label',
      label: { id: 'a', labels: [0, 1, 1] },
    });
    expect(parse(line('a', 'maybe'), labels)).toEqual({
      kind: 'malformed',
      reason: 'the label "maybe" is no value of the target',
    });
  });
});

describe('collectLabels', () => {
  it('given good and bad lines, then each bad one is reported with its number', async () => {
    const found = await collectLabels(linesOf(line('a', '1'), '', 'oops', line('b', 'x')));
    expect(found).toMatchObject({
      labels: [{ id: 'a', labels: [1] }],
      malformedCount: 2,
      malformed: [
        { line: 3, reason: 'no JSON object' },
        { line: 4, reason: 'the label "x" is no number' },
      ],
    });
  });

  it('given an id twice, then an equal label is the same and another one is malformed', async () => {
    const found = await collectLabels(linesOf(line('a', '1'), line('a', '1'), line('a', '2')));
    expect(found.labels).toEqual([{ id: 'a', labels: [1] }]);
    expect(found.malformed).toEqual([{ line: 3, reason: '"a" has another label further up' }]);
  });

  it('given thousands of bad lines, then all are counted and the first hundred shown', async () => {
    const found = await collectLabels(linesOf(...new Array<string>(3_000).fill('?')));
    expect(found.malformedCount).toBe(3_000);
    expect(found.malformed).toHaveLength(100);
  });

  it('names the content, whatever the object was called', async () => {
    const [one, same, other] = await Promise.all([
      collectLabels(linesOf(line('a', '1'))),
      collectLabels(linesOf(line('a', '1'))),
      collectLabels(linesOf(line('a', '2'))),
    ]);
    expect(one?.content).toBe(same?.content);
    expect(one?.content).not.toBe(other?.content);
  });
});
