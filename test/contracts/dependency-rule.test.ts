/** The dependency rule of the design over the real import graph: contracts ← lifecycle ← core ← on-* ← handler. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isTestCode, roleOf, violations } from './architecture/rules.ts';
import { readModules, sourceModule } from './architecture/source-module.ts';

const root = join(import.meta.dirname, '../..');
const folders = ['services', 'shared', 'local', 'cli', 'containers', 'scripts', 'bench', 'test'].filter(
  (folder) => existsSync(join(root, folder)),
);
const modules = readModules(root, folders);

describe('the repository', () => {
  it('follows the dependency rule', () => {
    expect(violations(modules)).toEqual([]);
  });

  it('imports of its own only files that are there', () => {
    const lost = modules.flatMap(({ path, imports }) =>
      imports
        .filter(({ isOurs, to }) => isOurs && !to.includes('/generated/') && !existsSync(join(root, to)))
        .map(({ to }) => `${path} → ${to}`),
    );
    expect(lost).toEqual([]);
  });

  it('was read whole: every service has its handler, shells, and adapters', () => {
    for (const service of ['ingest', 'training', 'deployment', 'monitoring', 'status']) {
      const roles = new Set(
        modules.filter(({ path }) => path.startsWith(`services/${service}/`)).map(({ path }) => roleOf(path)),
      );
      expect([...roles]).toEqual(expect.arrayContaining(['handler', 'shell', 'core', 'adapters', 'config']));
    }
    expect(modules.filter(({ imports }) => imports.length > 0).length).toBeGreaterThan(200);
  });
});

describe('the checker', () => {
  const planted = (path: string, source: string) => violations([sourceModule(path, source)]);

  it.each<[what: string, path: string, source: string]>([
    ['contracts that know the lifecycle', 'shared/contracts/a.ts', "import { b } from '../lifecycle/b.ts';"],
    [
      'a type of the lifecycle in contracts',
      'shared/contracts/a.ts',
      "import type { B } from '../lifecycle/b.ts';",
    ],
    ['contracts that know the runtime', 'shared/contracts/a.ts', "import { log } from '../runtime/log.ts';"],
    [
      'a row engine that knows the lifecycle',
      'shared/preparation/a.ts',
      "import { b } from '../lifecycle/b.ts';",
    ],
    ['a row engine that reads files', 'shared/preparation/a.ts', "import { readFileSync } from 'node:fs';"],
    [
      'contracts that know the row engine',
      'shared/contracts/a.ts',
      "import { b } from '../preparation/b.ts';",
    ],
    ['a lifecycle that knows the table', 'shared/lifecycle/a.ts', "import { b } from '../aws/b.ts';"],
    ['what reads sources that knows the table', 'shared/sources/a.ts', "import { b } from '../aws/b.ts';"],
    [
      'what reads sources that knows the log',
      'shared/sources/a.ts',
      "import { b } from '../runtime/log.ts';",
    ],
    ['shared that knows a service', 'shared/aws/a.ts', "import { b } from '../../services/ingest/core.ts';"],
    ['a core that knows a shell', 'services/training/core.ts', "import { b } from './on-sweep.ts';"],
    ['a core that knows adapters', 'services/training/reconcile.ts', "import { b } from './adapters.ts';"],
    ['a shell that knows the handler', 'services/training/on-sweep.ts', "import { b } from './handler.ts';"],
    [
      'a shell that knows adapters',
      'services/training/on-sweep.ts',
      "import { b } from './adapters-jobs.ts';",
    ],
    [
      'a shell that knows its configuration',
      'services/training/on-sweep.ts',
      "import { config } from './config.ts';",
    ],
    ['one service in another', 'services/training/reconcile.ts', "import { b } from '../ingest/core.ts';"],
    [
      'a test of one service in another',
      'services/training/a.test.ts',
      "import { b } from '../ingest/core.ts';",
    ],
    ['the SDK in a shell', 'services/training/on-sweep.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    [
      'a type of the SDK in a core',
      'services/training/core.ts',
      "import type { S3Client } from '@aws-sdk/client-s3';",
    ],
    [
      'the SDK by a dynamic import',
      'services/training/on-sweep.ts',
      "const s3 = await import('@aws-sdk/client-s3');",
    ],
    ['the SDK in the runtime', 'shared/runtime/a.ts', "import '@aws-sdk/client-s3';"],
    [
      'the embedded cloud in a service',
      'services/training/adapters.ts',
      "import { b } from '../../local/b.ts';",
    ],
    ['the command line in a test of shared', 'shared/aws/a.test.ts', "import { b } from '../../cli/b.ts';"],
    ['the command line in shared', 'shared/runtime/a.ts', "import { b } from '../../cli/b.ts';"],
    ['a handler in the command line', 'cli/a.ts', "import { onDrop } from '../services/ingest/handler.ts';"],
    ['a handler in its own tests', 'services/ingest/a.test.ts', "import { onDrop } from './handler.ts';"],
    ['middy in a handler', 'services/ingest/handler.ts', "import middy from '@middy/core';"],
    ['middy in another place of the runtime', 'shared/runtime/a.ts', "import middy from '@middy/core';"],
    [
      'a fake in production',
      'services/ingest/reconcile.ts',
      "import { b } from '../../shared/aws/memory-item-store.ts';",
    ],
    ['test code in production', 'shared/lifecycle/a.ts', "import { b } from './testing/example-runs.ts';"],
    ['an effect in a core', 'services/training/core.ts', "import { readFileSync } from 'node:fs';"],
    [
      'the table in what calls itself pure',
      'services/ingest/inbox.ts',
      "/** A batch. Pure. */\nimport { b } from '../../shared/aws/b.ts';",
    ],
    ['a barrel by its name', 'services/training/index.ts', 'export const a = 1;'],
    ['a barrel by what it does', 'shared/contracts/all.ts', "export * from './names.ts';"],
    ['a re-export', 'local/s3/all.ts', "export { a } from './a.ts';"],
    ['the environment in a core', 'services/training/core.ts', 'export const stage = process.env.STAGE;'],
    [
      'the environment in an adapter',
      'services/training/adapters.ts',
      "export const stage = process['env']['STAGE'];",
    ],
    ['the environment by import', 'shared/aws/a.ts', "import { env } from 'node:process';"],
    ['a file of utils', 'services/training/utils.ts', 'export const a = 1;'],
    ['a folder of helpers', 'local/helpers/text.ts', 'export const a = 1;'],
    ['a test of what is common', 'shared/common.test.ts', 'export const a = 1;'],
  ])('finds %s', (_, path, source) => {
    expect(planted(path, source)).toContainEqual(expect.stringContaining(path));
  });

  it.each<[what: string, path: string, source: string]>([
    [
      'the type of an environment',
      'shared/runtime/a.ts',
      'export const f = (env: NodeJS.ProcessEnv) => env;',
    ],
    ['the environment in config', 'services/training/config.ts', 'export const stage = process.env.STAGE;'],
    [
      'a handler in a whole-system test',
      'test/e2e/a.test.ts',
      "import { onDrop } from '../../services/ingest/handler.ts';",
    ],
    [
      'a handler in the embedded cloud',
      'local/a.ts',
      "import { onDrop } from '../services/ingest/handler.ts';",
    ],
    [
      'a shell of another trigger in a shell',
      'services/ingest/on-sweep.ts',
      "import { b } from './on-drop.ts';",
    ],
    [
      'a type of the table in what is pure',
      'services/ingest/inbox.ts',
      "/** Pure. */\nimport type { B } from '../../shared/aws/b.ts';",
    ],
    [
      'the row engine in a core',
      'services/ingest/a.ts',
      "import { b } from '../../shared/preparation/b.ts';",
    ],
    ['a hash in a core', 'services/training/core.ts', "import { createHash } from 'node:crypto';"],
    [
      'a comment that names an import',
      'services/training/core.ts',
      "// import { b } from '@aws-sdk/client-s3';\nexport const a = 1;",
    ],
    ['the embedded cloud as a test bed', 'shared/aws/a.test.ts', "import { b } from '../../local/b.ts';"],
    [
      'a fake in a test',
      'services/ingest/a.test.ts',
      "import { b } from '../../shared/aws/memory-item-store.ts';",
    ],
    ['a commonplace name', 'services/monitoring/commons.ts', 'export const a = 1;'],
  ])('lets pass %s', (_, path, source) => {
    expect(planted(path, source)).toEqual([]);
  });

  it('knows test code from production', () => {
    expect(['a/b.test.ts', 'a/testing/b.ts', 'a/b.fixture.ts', 'a/b.spec-of.ts'].every(isTestCode)).toBe(
      true,
    );
    expect(['a/b.ts', 'a/tested/b.ts', 'a/latest.ts'].some(isTestCode)).toBe(false);
  });
});
