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
import fc from 'fast-check';
import { isPlain } from './fields.ts';
import { MEANINGLESS } from './meaningless.ts';
import { KNOWN_TYPES } from './naming.ts';
import type { Plan } from './plan.ts';
import { readPlan } from './read-plan.ts';
import { TEMPLATE_FILE } from './template.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const HANDLER = /handler: (services\/[\w-]+\/[\w-]+)\.(\w+)/g;

let dir: string;
let plan: Plan;
const place = {
  identity: { account: '000000000000', region: 'us-east-1' },
  awsEndpoint: 'http://127.0.0.1:4566',
};

/** Packages the repository's own serverless.yml, with empty handlers and layers: the template does not depend on them. */
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
  const { version } = JSON.parse(
    readFileSync(join(dir, 'node_modules/@duckdb/node-api/package.json'), 'utf8'),
  );
  const layers = join(dir, '.ratchet', 'layers');
  mkdirSync(layers, { recursive: true });
  writeFileSync(join(layers, `duckdb-${version}-none.zip`), '');
  const serverless = join(root, 'node_modules', 'serverless', 'bin', 'serverless.js');
  const env = { ...process.env, SLS_TELEMETRY_DISABLED: '1', NODE_OPTIONS: '' };
  const args = [serverless, 'package', '--stage', 'dev', '--param', 'platform=none'];
  execFileSync(process.execPath, args, { cwd: dir, env, stdio: 'pipe' });
  plan = readPlan(join(dir, '.serverless'), place);
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
  for (const { Arn } of plan.rules.flatMap(({ targets }) => targets)) {
    expect([...functions, ...queues]).toContain(Arn.split(':').at(-1));
  }
});

it('puts lifecycle rules on its own bus, and the rules of AWS’s services on the default bus', () => {
  for (const rule of plan.rules) {
    const sources = (rule.pattern?.source ?? ['schedule']) as string[];
    const ours = sources.every((source) => source.startsWith('ratchet.'));
    expect([rule.name, rule.bus]).toEqual([rule.name, ours ? 'ratchet-dev' : 'default']);
  }
});

describe('with one change that the embedded cloud does not know', () => {
  type Json = Record<string, unknown>;
  interface Site {
    readonly id: string;
    readonly type: string;
    /** From the resource's properties. */
    readonly path: readonly (string | number)[];
    readonly value: unknown;
  }

  const read = (): { Resources: Record<string, Json> } =>
    JSON.parse(readFileSync(join(dir, '.serverless', TEMPLATE_FILE), 'utf8'));
  const isIntrinsic = (value: unknown) =>
    isPlain(value) && Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));
  /** Members whose keys are the author's own words. */
  const FREE =
    /^(Environment\.Variables|EventPattern|Policies\.\d+\.PolicyDocument\.Statement\.\d+\.Condition)/;

  /** Everything in the properties of the resources; intrinsics are not entered. */
  function sites(): Site[] {
    const walk = (site: Omit<Site, 'value'>, value: unknown): Site[] => {
      const inside = typeof value === 'object' && value !== null && !isIntrinsic(value);
      const members = inside ? Object.entries(value) : [];
      return [
        { ...site, value },
        ...members.flatMap(([key, each]) => walk({ ...site, path: [...site.path, key] }, each)),
      ];
    };
    return Object.entries(read().Resources).flatMap(([id, { Type, Properties }]) =>
      walk({ id, type: String(Type), path: [] }, Properties),
    );
  }

  const isMeant = ({ id, type, path }: Site) => {
    const kinds = path.map((_, depth) =>
      [type, ...path.slice(0, depth + 1).filter((key) => Number.isNaN(Number(key)))].join('.'),
    );
    return !FREE.test(path.join('.')) && ![id, type, ...kinds].some((kind) => MEANINGLESS.has(kind));
  };

  /** The plan's failure when the value at a site is replaced. */
  function failure({ id, path }: Site, value: unknown): unknown {
    const template = read();
    let at = template.Resources[id] as Json;
    for (const key of ['Properties', ...path].slice(0, -1)) at = at[key] as Json;
    at[['Properties', ...path].at(-1) as string] = value;
    return failureOf(template);
  }

  function failureOf(template: unknown): unknown {
    const mutant = join(dir, 'mutant');
    mkdirSync(mutant, { recursive: true });
    writeFileSync(join(mutant, TEMPLATE_FILE), JSON.stringify(template));
    try {
      return readPlan(mutant, place) && 'the plan was made';
    } catch (error) {
      return error;
    }
  }

  /** `[0]` for an index, `.Key` for a key. */
  const spelt = ({ id, type, path }: Site) =>
    `${id} (${type})${path.map((key) => (Number.isNaN(Number(key)) ? `.${key}` : `[${key}]`)).join('')}`;

  const naming = (text: string) =>
    expect.objectContaining({ code: 'PLAN_NOT_UNDERSTOOD', message: expect.stringContaining(text) });

  const any = (of: readonly Site[], law: (site: Site) => void) => {
    expect(of.length).toBeGreaterThan(100);
    fc.assert(fc.property(fc.constantFrom(...of), law), { numRuns: 30 });
  };

  it('fails and names an added property', () => {
    const objects = sites().filter(
      (site) => isPlain(site.value) && !isIntrinsic(site.value) && isMeant(site),
    );
    any(objects, (site) => {
      const found = failure(site, { ...(site.value as Json), Novelty: 'x' });
      expect(found).toEqual(naming(`${spelt(site)}.Novelty: `));
    });
  });

  it('fails for every type that is known, one of which read-plan.test.ts looks at', () => {
    const meant = sites().filter((site) => site.path.length === 0 && isMeant(site));
    const byType = new Map(meant.map((site) => [site.type, site]));
    const elsewhere = ['AWS::IAM::Policy'];
    expect([...byType.keys(), ...elsewhere].sort()).toEqual(
      KNOWN_TYPES.filter((type) => !MEANINGLESS.has(type)).toSorted(),
    );
    for (const site of byType.values()) {
      const found = failure(site, { ...(site.value as Json), Novelty: 'x' });
      expect(found).toEqual(naming(`${spelt(site)}.Novelty: `));
    }
  });

  it('fails and names a value of another shape', () => {
    const leaves = sites().filter(
      (site) => (typeof site.value !== 'object' || isIntrinsic(site.value)) && isMeant(site),
    );
    any(leaves, (site) =>
      expect(failure(site, { Novelty: 'x' })).toEqual(naming(spelt(site).split(' ')[0] ?? '')),
    );
  });

  it.each([
    ['an unknown intrinsic', { 'Fn::ImportValue': 'x' }, 'Fn::ImportValue'],
    ['a reference to nothing', { Ref: 'Nobody' }, 'Nobody'],
    ['an attribute of nothing', { 'Fn::GetAtt': ['Nobody', 'Arn'] }, 'Nobody'],
    ['a text with nothing', { 'Fn::Sub': 'a-\u0024{Nobody}' }, 'Nobody'],
  ])('fails and names %s, wherever it stands', (_what, value, name) => {
    const properties = sites().filter(({ path }) => path.length > 0);
    any(properties, (site) => {
      const found = failure(site, value);
      expect(found).toEqual(naming(name));
      expect(found).toEqual(naming(String(site.path.at(-1))));
    });
  });

  it('fails and names an unknown type, a resource that went, an attribute of a resource', () => {
    const ids = Object.keys(read().Resources);
    fc.assert(
      fc.property(
        fc.constantFrom(...ids),
        fc.constantFrom('Type', 'Condition', 'CreationPolicy'),
        (id, key) => {
          const template = read();
          template.Resources[id] = { ...template.Resources[id], [key]: 'AWS::SNS::Topic' };
          expect(failureOf(template)).toEqual(naming(id));
        },
      ),
      { numRuns: 30 },
    );
    for (const id of ['DropBucket', 'Table', 'Bus', 'FailedEvents', 'HttpApi']) {
      const template = read();
      delete template.Resources[id];
      expect(failureOf(template)).toEqual(naming(`refers to ${id}`));
    }
  });
});
