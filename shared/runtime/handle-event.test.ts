import type { SQSEvent } from 'aws-lambda';
import { isDatasetPreparedV1 } from '../contracts/generated/validators.mjs';
import { readEnvironment } from './environment.ts';
import { handleEvent, handleQueue, PoisonEvent } from './handle-event.ts';
import { capturingLog } from './testing/captured-log.ts';

const detail = {
  pipeline: 'wine',
  runId: 'wine-aaaaaaaaaa',
  version: 3,
  dataset: 'd1',
  rows: 10,
  quarantined: 0,
  manifest: 's3://b/k',
};
const context = {} as never;

describe('a function of one event', () => {
  it('hands over what its contract promises', async () => {
    const seen: unknown[] = [];
    const handler = handleEvent({
      validate: isDatasetPreparedV1,
      handle: async (event) => {
        seen.push(event);
      },
    });
    await handler({ detail: { ...detail, later: 'a newer member' } }, context);
    expect(seen).toEqual([{ ...detail, later: 'a newer member' }]);
  });

  it('fails for what its contract does not promise, says where, and logs the event', async () => {
    const handler = handleEvent({ validate: isDatasetPreparedV1, handle: async () => undefined });
    const { answer, lines } = await capturingLog(() =>
      handler({ detail: { ...detail, rows: 'ten', manifest: 'nowhere' } }, context).catch(
        (error: unknown) => error,
      ),
    );
    expect(answer).toBeInstanceOf(PoisonEvent);
    expect(String(answer)).toMatch(/\/rows.*\/manifest/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', event: { detail: { rows: 'ten' } } });
  });
});

describe('a function of a queue', () => {
  const messages = (bodies: readonly string[]): SQSEvent =>
    ({ Records: bodies.map((body, i) => ({ messageId: `m${i}`, body })) }) as unknown as SQSEvent;

  it('gives back only the messages that failed', async () => {
    const seen: unknown[] = [];
    const handler = handleQueue(async (body) => {
      if (body === 'bad') throw new Error('no');
      seen.push(body);
    });
    const { answer, lines } = await capturingLog(() =>
      handler(messages(['"a"', '"bad"', 'no json', '"b"']), context),
    );
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }] });
    expect(seen).toEqual(['a', 'b']);
    expect(lines).toHaveLength(2);
  });
});

describe('the environment', () => {
  it('is read at once, and one message names all that is missing', () => {
    expect(readEnvironment({ A: '1', B: '2', C: '3' }, ['A', 'B'])).toEqual({ A: '1', B: '2' });
    expect(() => readEnvironment({ A: '1', C: '' }, ['A', 'B', 'C'])).toThrow(
      expect.objectContaining({ code: 'MissingSetting', message: expect.stringContaining('B, C') }),
    );
  });
});
