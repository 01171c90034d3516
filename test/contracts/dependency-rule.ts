/** The rule of who may know whom: contracts ← lifecycle ← core ← on-* ← handler, the SDK at the edge only. Each check
 * answers sentences about what breaks it. */
import type { Import, SourceFile } from './source-files.ts';

type Check = (files: readonly SourceFile[]) => string[];

/** `core` calls itself pure, `shell` is a trigger's; a `part` is either's, by what it imports. */
type Layer =
  | 'contracts'
  | 'lifecycle'
  | 'runtime'
  | 'aws'
  | 'core'
  | 'ports'
  | 'part'
  | 'shell'
  | 'adapters'
  | 'config'
  | 'handler';

/** What a layer may import. Within a service, of its own service only. */
const allowed: Readonly<Record<Layer, readonly Layer[]>> = {
  contracts: ['contracts'],
  lifecycle: ['contracts', 'lifecycle'],
  runtime: ['contracts', 'runtime'],
  aws: ['contracts', 'lifecycle', 'runtime', 'aws'],
  core: ['contracts', 'lifecycle', 'core', 'part'],
  ports: ['contracts', 'lifecycle', 'core', 'part'],
  part: ['contracts', 'lifecycle', 'runtime', 'aws', 'core', 'ports', 'part'],
  shell: ['contracts', 'lifecycle', 'runtime', 'aws', 'core', 'ports', 'part', 'shell'],
  adapters: ['contracts', 'lifecycle', 'runtime', 'aws', 'core', 'ports', 'part', 'adapters'],
  config: ['contracts', 'runtime'],
  handler: [
    'contracts',
    'lifecycle',
    'runtime',
    'aws',
    'core',
    'ports',
    'part',
    'shell',
    'adapters',
    'config',
  ],
};

/** Types are promises without effects: a core may speak of the ports' words, ports of a store's. */
const allowedTypes: Readonly<Partial<Record<Layer, readonly Layer[]>>> = {
  core: ['ports', 'aws', 'shell'],
  ports: ['aws', 'shell'],
  part: ['shell'],
  adapters: ['shell'],
};

const SERVICE = /^services\/([^/]+)\//;
const TEST_ONLY = /\.(test|fixture|spec-of)\.ts$|\/testing\/|(^|\/)memory-[a-z-]+\.ts$/;
const SDK = /^@(aws-sdk|smithy)\//;
const CALLS_ITSELF_PURE = /^(\s*\/\*\*(?:(?!\*\/)[\s\S])*?\bPure\b)/;

const isProduction = ({ path }: SourceFile): boolean =>
  /^(services|shared)\//.test(path) && !TEST_ONLY.test(path);
const isOurs = (target: string): boolean =>
  /^(services|shared|local|cli|containers|examples|scripts|bench|test)\//.test(target);

function layerOf(path: string, texts: ReadonlyMap<string, string>): Layer | undefined {
  const shared = /^shared\/(contracts|lifecycle|runtime|aws)\//.exec(path);
  if (shared) return shared[1] as Layer;
  const inService = /^services\/[^/]+\/(.+)\.ts$/.exec(path);
  if (!inService) return undefined;
  const name = inService[1] as string;
  if (name === 'handler' || name === 'config' || name === 'ports') return name;
  if (/^adapters(-|$)/.test(name)) return 'adapters';
  if (/^on-/.test(name)) return 'shell';
  const isPure = name === 'core' || CALLS_ITSELF_PURE.test(texts.get(path) ?? '');
  return isPure ? 'core' : 'part';
}

/** One sentence for each import that `breaks` finds wrong. */
function broken(
  files: readonly SourceFile[],
  breaks: (file: SourceFile, imported: Import) => string | undefined,
): string[] {
  return files.flatMap((file) =>
    file.imports.flatMap((imported) => {
      const why = breaks(file, imported);
      return why ? [`${file.path} imports ${imported.target}: ${why}`] : [];
    }),
  );
}

export const layers: Check = (files) => {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  return broken(files.filter(isProduction), ({ path }, { target, isType }) => {
    const [from, to] = [layerOf(path, texts), isOurs(target) ? layerOf(target, texts) : undefined];
    if (!from || !to || allowed[from].includes(to)) return undefined;
    if (isType && allowedTypes[from]?.includes(to)) return undefined;
    return `${from} may not know ${to}`;
  });
};

/** Files that call themselves pure may reach an effect over no number of imports. */
const EFFECT =
  /^(@aws-sdk|@smithy|@middy|shared\/aws|shared\/runtime)\/|^node:(?!crypto$|path$|util$|buffer$)/;

export const purity: Check = (files) => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const texts = new Map(files.map(({ path, text }) => [path, text]));

  function pathToEffect(file: SourceFile, seen: Set<string>): string[] | undefined {
    seen.add(file.path);
    for (const { target, isType } of file.imports) {
      if (isType || seen.has(target)) continue;
      if (EFFECT.test(target)) return [target];
      const next = byPath.get(target);
      const rest = next && pathToEffect(next, seen);
      if (rest) return [target, ...rest];
    }
    return undefined;
  }

  return files
    .filter((file) => isProduction(file) && layerOf(file.path, texts) === 'core')
    .flatMap((file) => {
      const way = pathToEffect(file, new Set());
      return way ? [`${file.path} is pure, but reaches ${way.join(' → ')}`] : [];
    });
};

export const sdkAtTheEdge: Check = (files) =>
  broken(files.filter(isProduction), ({ path }, { target }) => {
    const isEdge = /^shared\/aws\//.test(path) || /^services\/[^/]+\/adapters[a-z-]*\.ts$/.test(path);
    return SDK.test(target) && !isEdge ? 'only adapters and shared/aws know the SDK' : undefined;
  });

export const servicesApart: Check = (files) =>
  broken(files, ({ path }, { target }) => {
    const [from, to] = [SERVICE.exec(path)?.[1], SERVICE.exec(target)?.[1]];
    if (!to || from === to) return undefined;
    if (from) return 'services never import each other';
    return path.startsWith('shared/') ? 'shared knows no service' : undefined;
  });

export const nothingBeyond: Check = (files) =>
  broken(files.filter(isProduction), (_, { target }) => {
    if (!isOurs(target) || /^(services|shared)\//.test(target)) return undefined;
    return 'production knows services/ and shared/ alone';
  });

export const nothingOfTests: Check = (files) =>
  broken(files.filter(isProduction), (_, { target }) =>
    TEST_ONLY.test(target) ? 'production knows nothing that is made for tests' : undefined,
  );

export const handlersUnreached: Check = (files) =>
  broken(files, ({ path }, { target }) => {
    const isHandler = /^services\/[^/]+\/handler\.ts$/.test(target);
    return isHandler && !/^(test|local)\//.test(path)
      ? 'only test/ and local/ may reach a handler'
      : undefined;
  });

export const middyInItsPlace: Check = (files) =>
  broken(files.filter(isProduction), ({ path }, { target }) => {
    const isPlace = /^shared\/runtime\/handle-(event|http)\.ts$/.test(path);
    return target.startsWith('@middy/') && !isPlace
      ? 'middy is composed in handle-event and handle-http'
      : undefined;
  });

const withoutComments = (text: string): string =>
  text.replace(/^\s*\/\*(?:(?!\*\/)[\s\S])*\*\//gm, '').replace(/^\s*\/\/.*$/gm, '');

export const environmentInConfig: Check = (files) =>
  files.filter(isProduction).flatMap(({ path, text, imports }) => {
    if (/^services\/[^/]+\/config\.ts$/.test(path)) return [];
    const reads = /\bprocess\s*(\?\.|\.)\s*env\b|\bprocess\s*\[/.test(withoutComments(text));
    const isProcess = imports.some(({ target }) => /^(node:)?process$/.test(target));
    return reads || isProcess ? [`${path} reads the environment: only config.ts may`] : [];
  });

export const noBarrels: Check = (files) =>
  files.flatMap(({ path, text }) => {
    const body = withoutComments(text);
    const reExports = /^export\s+(?:type\s+)?(?:\*[^;]*?|\{[^}]*\})\s*from\s*['"][^'"]+['"];?/gm;
    const isBarrel = reExports.test(body) && body.replace(reExports, '').trim() === '';
    const isIndex = /(^|\/)index\.[cm]?[jt]s$/.test(path);
    return isBarrel || isIndex || /^export\s+(type\s+)?\*/m.test(body) ? [`${path} is a barrel`] : [];
  });

export const tellingFolders: Check = (files) => {
  const folders = new Set(files.map(({ path }) => path.replace(/\/[^/]*$/, '')));
  return [...folders]
    .filter((folder) => folder.split('/').some((name) => /^(utils?|helpers?|common|misc)$/.test(name)))
    .map((folder) => `${folder} says nothing of what lies in it`);
};

/** Imports that are there at run time never lead back. */
export const noCircles: Check = (files) => {
  const byPath = new Map(files.filter(isProduction).map((file) => [file.path, file]));
  const done = new Set<string>();
  const circles: string[] = [];
  function visit(path: string, way: readonly string[]): void {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' → '));
    else if (!done.has(path)) {
      for (const { target, isType } of byPath.get(path)?.imports ?? []) {
        if (!isType && byPath.has(target)) visit(target, [...way, path]);
      }
      done.add(path);
    }
  }
  for (const path of byPath.keys()) visit(path, []);
  return circles;
};
