/** The dependency rule of the design, as a function from modules to what breaks it. */
import type { Import, SourceModule } from './source-module.ts';

type Role =
  | 'contracts'
  | 'lifecycle'
  | 'preparation'
  | 'serving'
  | 'sources'
  | 'runtime'
  | 'aws'
  | 'core'
  | 'shell'
  | 'adapters'
  | 'config'
  | 'handler'
  | 'elsewhere';

const core: readonly Role[] = [
  'contracts',
  'lifecycle',
  'preparation',
  'serving',
  'sources',
  'runtime',
  'aws',
  'core',
];

/** What each part of production may import of ours; a service's own parts only from within itself. */
const may: Readonly<Record<Exclude<Role, 'elsewhere'>, readonly Role[]>> = {
  contracts: ['contracts'],
  lifecycle: ['contracts', 'lifecycle'],
  preparation: ['contracts', 'preparation'],
  serving: ['contracts', 'preparation', 'serving'],
  sources: ['contracts', 'sources'],
  runtime: ['contracts', 'runtime'],
  aws: ['contracts', 'lifecycle', 'runtime', 'aws'],
  core,
  shell: [...core, 'shell'],
  adapters: [...core, 'adapters'],
  config: ['runtime'],
  handler: [...core, 'shell', 'adapters', 'config'],
};

export function roleOf(path: string): Role {
  const [top, part, name = ''] = path.split('/');
  if (top === 'shared')
    return (
      (['contracts', 'lifecycle', 'preparation', 'serving', 'sources', 'runtime', 'aws'].find(
        (role) => role === part,
      ) as Role) ?? 'elsewhere'
    );
  if (top !== 'services') return 'elsewhere';
  if (name === 'handler.ts') return 'handler';
  if (name === 'config.ts') return 'config';
  if (/^adapters(-[a-z-]+)?\.ts$/.test(name)) return 'adapters';
  return /^on-[a-z-]+\.ts$/.test(name) ? 'shell' : 'core';
}

export const isTestCode = (path: string): boolean =>
  /\.(test|fixture|spec-of)\.ts$|(^|\/)testing\/|(^|\/)memory-item-store\.ts$/.test(path);

const serviceOf = (path: string): string | undefined => /^services\/([^/]+)\//.exec(path)?.[1];
const isProduct = (path: string): boolean => /^(services|shared)\//.test(path);
const PRETENCE = /^(local|cli|test|containers|examples|bench|scripts)\//;
const MIDDY_SITES = ['shared/runtime/handle-event.ts', 'shared/runtime/handle-http.ts'];
const JUNK = /(^|\/)(utils?|helpers?|common|misc)(\.[a-z.]+)?(\/|$)/;
const EFFECTS = /^node:(?!crypto$)|^@aws-sdk\//;

type Rule = (module: SourceModule) => readonly string[];

const importRule =
  (breaks: (module: SourceModule, imported: Import) => string | false): Rule =>
  (module) =>
    module.imports.flatMap((imported) => {
      const why = breaks(module, imported);
      return why ? [`${module.path} imports ${imported.to}: ${why}`] : [];
    });

const layers: Rule = importRule(({ path }, { to, isOurs }) => {
  const [from, target] = [roleOf(path), roleOf(to)];
  if (!isOurs || isTestCode(path) || from === 'elsewhere' || target === 'elsewhere') return false;
  return !may[from].includes(target) && `${from} may not know ${target}`;
});

const ownService: Rule = importRule(({ path }, { to }) => {
  const [from, target] = [serviceOf(path), serviceOf(to)];
  if (!target || !isProduct(path)) return false;
  return from !== target && 'a service is known to itself alone';
});

const sdk: Rule = importRule(
  ({ path }, { to }) =>
    isProduct(path) &&
    !isTestCode(path) &&
    to.startsWith('@aws-sdk/') &&
    !['adapters', 'aws', 'sources'].includes(roleOf(path)) &&
    'only adapters, shared/aws and what reads sources speak to AWS',
);

/** A test may run its adapters against the embedded cloud; what is deployed knows of none. */
const place: Rule = importRule(({ path }, { to }) => {
  const isTestBed = isTestCode(path) && to.startsWith('local/');
  return isProduct(path) && PRETENCE.test(to) && !isTestBed && 'the product does not know where it runs';
});

const handlers: Rule = importRule(
  ({ path }, { to }) =>
    roleOf(to) === 'handler' &&
    !/^(local|test)\//.test(path) &&
    'a handler is reached by Lambda, local/ and test/',
);

const middy: Rule = importRule(
  ({ path }, { to }) => to.startsWith('@middy/') && !MIDDY_SITES.includes(path) && 'middy has two places',
);

const tests: Rule = importRule(
  ({ path }, { to, isOurs }) =>
    isOurs && isProduct(path) && !isTestCode(path) && isTestCode(to) && 'the product does not know its tests',
);

const purity: Rule = importRule(({ path, isPure }, { to, isTypeOnly }) => {
  const declared =
    isPure || ['preparation', 'serving'].includes(roleOf(path)) || /^services\/[^/]+\/core\.ts$/.test(path);
  if (!declared || !isProduct(path) || isTestCode(path) || isTypeOnly) return false;
  return (EFFECTS.test(to) || ['aws', 'runtime'].includes(roleOf(to))) && 'what is pure has no effects';
});

const barrels: Rule = ({ path, imports }) => {
  if (path.endsWith('/index.ts')) return [`${path} is a barrel by its name`];
  return imports.filter(({ isReExport }) => isReExport).map(({ to }) => `${path} re-exports ${to}`);
};

const environment: Rule = ({ path, readsEnvironment }) =>
  readsEnvironment && isProduct(path) && !isTestCode(path) && roleOf(path) !== 'config'
    ? [`${path} reads process.env: only config.ts does`]
    : [];

const names: Rule = ({ path }) => (JUNK.test(path) ? [`${path} says nothing of what is in it`] : []);

const rules: readonly Rule[] = [
  layers,
  ownService,
  sdk,
  place,
  handlers,
  middy,
  tests,
  purity,
  barrels,
  environment,
  names,
];

/** Everything in `modules` that breaks the dependency rule, one sentence each. */
export const violations = (modules: readonly SourceModule[]): string[] =>
  modules.flatMap((module) => rules.flatMap((rule) => rule(module)));
