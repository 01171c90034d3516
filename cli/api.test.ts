import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiRefusal, createApi } from './api.ts';

describe('the HTTP API as the command line asks it', () => {
  /** What the server answers, one after the other; the last for ever. */
  let answers: number[];
  let asked: string[];
  let server: Server;
  let url: string;

  beforeEach(async () => {
    asked = [];
    server = createServer(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      asked.push(`${req.method} ${req.url} ${Buffer.concat(chunks)}`);
      const status = (answers.length > 1 ? answers.shift() : answers[0]) as number;
      res.writeHead(status).end(JSON.stringify(status < 400 ? { ok: true } : { error: 'No', message: 'no' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('is asked again, with the same words, when it failed', async () => {
    answers = [500, 502, 201];
    expect(await createApi({ apiUrl: url }).send('POST', '/v1/runs', '{"request":"one"}')).toEqual({
      ok: true,
    });
    expect(asked).toEqual(Array(3).fill('POST /v1/runs {"request":"one"}'));
  });

  it('is not asked for ever', async () => {
    answers = [503];
    await expect(createApi({ apiUrl: url }).get('/v1/health')).rejects.toMatchObject({ status: 503 });
    expect(asked).toHaveLength(5);
  });

  it('is believed at once when it refuses', async () => {
    answers = [409];
    await expect(createApi({ apiUrl: url }).get('/v1/health')).rejects.toThrow(ApiRefusal);
    expect(asked).toHaveLength(1);
  });
});
