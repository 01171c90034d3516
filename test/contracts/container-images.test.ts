/** Each image holds what its program imports: nobody builds images on the way to a green suite. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownImages } from '../../shared/contracts/images.ts';
import { readModules, type SourceModule } from './architecture/source-module.ts';

const root = join(import.meta.dirname, '../..');
const modules = new Map(
  readModules(root, ['containers', 'shared']).map((module) => [module.path, module] as const),
);
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

/** Our modules that run when `entry` does, and the packages that they import. */
function reached(entry: string): { files: string[]; packages: string[] } {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const path of files) {
    const { imports } = modules.get(path) as SourceModule;
    for (const { to, isOurs, isTypeOnly } of imports) {
      if (isTypeOnly || to.startsWith('node:')) continue;
      if (isOurs) files.add(to);
      else packages.add(to);
    }
  }
  return { files: [...files], packages: [...packages].sort() };
}

const inTypeScript = ownImages.filter((name) => modules.has(`containers/${name}/main.ts`));

describe.each(inTypeScript)('the image %s', (name) => {
  const dockerfile = readFileSync(join(root, 'containers', name, 'Dockerfile'), 'utf8');
  const copied = [...dockerfile.matchAll(/^COPY (\S+) (\S+)$/gm)].map(([, from]) => from as string);
  const isWhole = copied.some((from) => from.startsWith('containers/'));
  const { files, packages } = reached(`containers/${name}/main.ts`);

  it('holds every module of its program', () => {
    const held = copied.map((from) => (isWhole ? `${from}/` : `containers/${from}/`));
    expect(files.filter((file) => !held.some((folder) => file.startsWith(folder)))).toEqual([]);
  });

  it('installs the packages that it imports, in our versions', () => {
    const installed = [...dockerfile.matchAll(/ (\S+)@(\d\S+)/g)].map(([, pack, version]) => [pack, version]);
    expect(installed).toEqual(packages.map((pack) => [pack, dependencies[pack]]));
  });
});
