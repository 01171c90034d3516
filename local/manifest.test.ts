import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCloudWatch } from './cloudwatch/service.ts';
import { createDynamoDb } from './dynamodb/service.ts';
import { createEcr } from './ecr/service.ts';
import { createEventBridge } from './eventbridge/service.ts';
import { createLambda } from './lambda/service.ts';
import { createLogs } from './logs/service.ts';
import { MANIFEST } from './manifest.ts';
import type { CloudService } from './ports.ts';
import { createS3 } from './s3/service.ts';
import { createSageMaker } from './sagemaker/service.ts';
import { createSqs } from './sqs/service.ts';
import { createSts } from './sts/service.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The services that tell what they answer. */
function services(dir: string): Record<string, CloudService & { readonly actions: readonly string[] }> {
  const clock = { now: Date.now, scale: 1 };
  const identity = { account: '000000000000', region: 'us-east-1' };
  const common = { clock, identity, endpoint: () => 'http://127.0.0.1:1', resolveImage: () => undefined };
  const nothing = async () => undefined;
  const invoke = async () => ({ payload: 'null' });
  const at = (name: string) => ({ ...common, dir: join(dir, name) });
  return {
    s3: createS3({ ...at('s3'), publish: nothing }),
    events: createEventBridge({ ...at('events'), invokeAsync: nothing, sendToQueue: nothing }),
    sqs: createSqs({ ...at('sqs'), invoke }),
    lambda: createLambda({
      ...at('lambda'),
      environment: {},
      appendLog: () => undefined,
      sendToQueue: nothing,
      maxWarm: 1,
      idleMs: 1,
    }),
    logs: createLogs(at('logs')),
    sagemaker: createSageMaker({ ...at('sagemaker'), publish: nothing, recordMetric: () => undefined }),
    monitoring: createCloudWatch(at('cloudwatch')),
    dynamodb: createDynamoDb(at('dynamodb')),
    ecr: createEcr(common),
    sts: createSts(common),
  };
}

it('lists exactly the actions that the services answer', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'manifest-'));
  for (const [name, service] of Object.entries(services(dir))) {
    expect({ [name]: Object.keys(MANIFEST[name] ?? {}) }).toEqual({ [name]: [...service.actions].sort() });
    await service.close();
  }
  rmSync(dir, { recursive: true });
});

const entries = Object.entries(MANIFEST).flatMap(([service, actions]) =>
  Object.entries(actions).flatMap(([action, callers]) =>
    callers.map((caller) => ({ service, action, ...caller })),
  ),
);
const sent = entries.filter((entry) => entry.code !== undefined);

it('names a caller of every action', () => {
  const named = Object.values(MANIFEST).flatMap((actions) => Object.values(actions));
  for (const callers of named) expect(callers).toContainEqual(expect.any(Object));
  for (const { code = '', user = '' } of entries) expect(code + user).not.toBe('');
});

it.each(sent)('$code sends $service $action', ({ action, code = '' }) => {
  expect(sourcesOf(code).includes(`${action}Command`)).toBe(true);
});

function sourcesOf(path: string): string {
  const full = join(root, path);
  const files = statSync(full).isDirectory()
    ? globSync('**/*.ts', { cwd: full }).map((file) => join(full, file))
    : [full];
  return files
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}
