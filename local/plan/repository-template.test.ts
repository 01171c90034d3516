import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Plan } from './plan.ts';
import { readPlan } from './read-plan.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const HANDLER = /handler: (services\/[\w-]+\/[\w-]+)\.(\w+)/g;

let dir: string;
let plan: Plan;

/** Packages the repository's own serverless.yml, with empty handlers: the template does not depend on them. */
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'package-'));
  for (const name of ['serverless.yml', 'resources', 'esbuild.config.cjs', 'package.json']) {
    cpSync(join(root, name), join(dir, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  const handlers = [...readFileSync(join(root, 'serverless.yml'), 'utf8').matchAll(HANDLER)];
  for (const [, path = '', name] of handlers) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, `${path}.ts`), `export const ${name} = async () => undefined;\n`, { flag: 'a' });
  }
  const serverless = join(root, 'node_modules', 'serverless', 'bin', 'serverless.js');
  const env = { ...process.env, SLS_TELEMETRY_DISABLED: '1', NODE_OPTIONS: '' };
  execFileSync(process.execPath, [serverless, 'package', '--stage', 'dev'], { cwd: dir, env, stdio: 'pipe' });
  const identity = { account: '000000000000', region: 'us-east-1' };
  plan = readPlan(join(dir, '.serverless'), { identity, awsEndpoint: 'http://127.0.0.1:4566' });
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('has the outputs that the embedded cloud tells its users', () => {
  expect(plan.outputs).toMatchObject({
    DropBucket: 'ratchet-dev-drop-000000000000-us-east-1',
    ArtifactsBucket: 'ratchet-dev-artifacts-000000000000-us-east-1',
    BusName: 'ratchet-dev',
    TableName: 'ratchet-dev',
  });
});

it('has a bundle for every function, a role of its own for each, and nothing that leads nowhere', () => {
  const functions = plan.functions.map(({ name }) => name);
  for (const { archive } of plan.functions) expect(existsSync(archive)).toBe(true);
  expect(new Set(plan.functions.map(({ roleName }) => roleName)).size).toBe(functions.length);
  expect(plan.roles.map(({ name }) => name)).toEqual(
    expect.arrayContaining(plan.functions.map(({ roleName }) => roleName)),
  );
  for (const { functionName } of [...plan.routes, ...plan.mappings])
    expect(functions).toContain(functionName);
  const queues = plan.queues.map(({ name }) => name);
  for (const { arn } of plan.rules.flatMap(({ targets }) => targets)) {
    expect([...functions, ...queues]).toContain(arn.split(':').at(-1));
  }
});

it('puts lifecycle rules on its own bus, and the rules of AWS’s services on the default bus', () => {
  for (const rule of plan.rules) {
    const sources = (rule.pattern?.source ?? ['schedule']) as string[];
    const ours = sources.every((source) => source.startsWith('ratchet.'));
    expect([rule.name, rule.bus]).toEqual([rule.name, ours ? 'ratchet-dev' : 'default']);
  }
});
