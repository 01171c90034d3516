import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AwsError } from '../aws-error.ts';
import { readBody, sendJsonError } from '../json-protocol.ts';
import type { AwsRequest, CloudService } from '../ports.ts';
import { type IndexedTable, type Item, mendIndexes } from './mend-indexes.ts';

const dynalite = createRequire(import.meta.url)('dynalite') as (
  options: Readonly<Record<'createTableMs' | 'deleteTableMs' | 'updateTableMs', number>> & { path: string },
) => Server;

const CONTENT_TYPE = 'application/x-amz-json-1.0';
const TARGET = 'DynamoDB_20120810.';
/** What somebody calls; dynalite would do more. */
const ACTIONS = [
  'BatchGetItem',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
] as const;

/** A table as CreateTable takes it. */
export type TableDefinition = { readonly TableName: string } & Readonly<Record<string, unknown>>;

/** Under `dir` while it is open: whoever finds it there was not closed. */
const OPEN_FILE = 'open';

interface Output {
  readonly __type?: string;
  readonly message?: string;
  readonly Message?: string;
  readonly Table?: { readonly TableStatus: string };
  readonly Items?: readonly Item[];
  readonly LastEvaluatedKey?: Item;
}

export interface DynamoDbService extends CloudService {
  /** The names of the API actions that it answers. */
  readonly actions: readonly string[];
  /** Creates the table unless it is there already; resolves once it is ACTIVE, and its indexes whole again if the process
   * before was killed. To be called before anything else writes. */
  createTable(definition: TableDefinition): Promise<void>;
}

/** DynamoDB by dynalite (LevelDB under `dir`), in this process. */
export function createDynamoDb(options: { readonly dir: string }): DynamoDbService {
  const path = join(options.dir, 'leveldb');
  const openFile = join(options.dir, OPEN_FILE);
  const wasKilled = existsSync(openFile);
  mkdirSync(options.dir, { recursive: true });
  writeFileSync(openFile, '');
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // Requests reach it directly; it listens only because a server that does not would not close its database. That
  // door leads nowhere.
  server.on('connection', (socket) => socket.destroy()).listen(0, '127.0.0.1');

  const running = new Set<Promise<void>>();

  /** Resolves when dynalite has done what it was asked for, whether or not somebody still listens. It throws out of its
   * event handlers when a request breaks off, so it only sees whole ones. */
  function replay(
    { method, url, headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
    body: Buffer,
    res: Pick<ServerResponse, 'end'>,
  ): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = res.end.bind(res) as (...args: unknown[]) => ServerResponse;
    res.end = (...args: unknown[]) => {
      resolve();
      return end(...args);
    };
    running.add(promise);
    void promise.then(() => running.delete(promise));
    server.emit('request', Object.assign(Readable.from([body]), { method, url, headers }), res);
    return promise;
  }

  async function call(action: string, input: object): Promise<Output> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const answer = { statusCode: 200, setHeader: () => undefined, end: resolve };
    const headers = {
      'content-type': CONTENT_TYPE,
      'x-amz-target': TARGET + action,
      'x-amz-date': '20000101T000000Z',
      authorization: 'AWS4-HMAC-SHA256 Credential=embedded, SignedHeaders=host, Signature=none',
    };
    const body = Buffer.from(JSON.stringify(input));
    void replay({ method: 'POST', url: '/', headers }, body, answer as unknown as ServerResponse);
    const output = JSON.parse(await promise) as Output;
    if (answer.statusCode === 200) return output;
    const code = output.__type?.split('#').at(-1) ?? 'InternalFailure';
    throw new AwsError(code, `DynamoDB ${action}: ${output.message ?? output.Message ?? code}`);
  }

  async function scan(TableName: string, IndexName?: string): Promise<Item[]> {
    const items: Item[] = [];
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await call('Scan', { TableName, IndexName, ExclusiveStartKey });
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return items;
  }

  async function isActive(TableName: string): Promise<boolean> {
    return (await call('DescribeTable', { TableName })).Table?.TableStatus === 'ACTIVE';
  }

  return {
    actions: ACTIONS,
    async handle(request: AwsRequest) {
      try {
        const body = await readBody(request);
        const target = String(request.req.headers['x-amz-target']);
        if (!ACTIONS.some((action) => target === TARGET + action))
          throw new AwsError('UnknownOperationException', `The embedded cloud does not offer ${target}.`);
        await replay(request.req, body, request.res);
      } catch (error) {
        sendJsonError(request, CONTENT_TYPE, error);
      }
    },
    async createTable(definition) {
      await call('CreateTable', definition).catch((error: unknown) => {
        if (!(error instanceof AwsError && error.code === 'ResourceInUseException')) throw error;
      });
      const { TableName } = definition;
      while (!(await isActive(TableName))) await new Promise((resolve) => setTimeout(resolve, 5));
      if (!wasKilled) return;
      const mended = await mendIndexes({
        ...(definition as unknown as Pick<IndexedTable, 'KeySchema' | 'GlobalSecondaryIndexes'>),
        scan: (index) => scan(TableName, index),
        put: async (Item) => void (await call('PutItem', { TableName, Item })),
      });
      if (mended > 0)
        console.error(`DynamoDB: ${mended} items of ${TableName} had lost index entries in a kill.`);
    },
    async close() {
      // A write takes several steps, and the second finds no database when that is closed after the first.
      await Promise.all(running);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(openFile, { force: true });
    },
  };
}
