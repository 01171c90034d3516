/** Puts objects over kept connections with as little of its own work as can be, so that the server is what is measured. */
import { Agent, request } from 'node:http';

export interface Putter extends Disposable {
  /** Resolves to the milliseconds until the server had acknowledged it. Throws when it refused. */
  put(key: string, body: string): Promise<number>;
  /** Puts `count` objects, `concurrency` at a time; resolves to objects a second. */
  rate(count: number, concurrency: number, keyOf: (index: number) => string, body: string): Promise<number>;
}

/** The embedded cloud takes any secret; a signature's form is all that it looks at. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';

export function createPutter(endpoint: string, bucket: string): Putter {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname, port } = new URL(endpoint);

  const put = (key: string, body: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const outgoing = request({
        agent,
        hostname,
        port,
        method: 'PUT',
        path: `/${bucket}/${key}`,
        headers: {
          authorization: AUTHORIZATION,
          'content-length': Buffer.byteLength(body),
          'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
        },
      });
      outgoing.once('error', reject);
      outgoing.once('response', (answer) => {
        answer.resume();
        answer.once('end', () => {
          if (answer.statusCode === 200) resolve(performance.now() - started);
          else reject(new Error(`PUT ${key} was answered with ${answer.statusCode}`));
        });
      });
      outgoing.end(body);
    });

  return {
    put,
    rate: async (count, concurrency, keyOf, body) => {
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < count) await put(keyOf(next++), body);
      };
      const started = performance.now();
      await Promise.all(Array.from({ length: concurrency }, worker));
      return (count * 1000) / (performance.now() - started);
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
