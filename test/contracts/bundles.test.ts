/** What goes to AWS is the services and what they share, and nothing of the pretence. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');
const config = createRequire(import.meta.url)(join(root, 'esbuild.config.cjs'));

/** The files in a service's bundle, bundled as it is for AWS. */
async function inputsOf(service: string): Promise<string[]> {
  const { outputFileExtension: _, exclude: __, concurrency: ___, ...options } = config();
  const { metafile } = await build({
    ...options,
    absWorkingDir: root,
    entryPoints: [join(root, 'services', service, 'handler.ts')],
    outfile: 'unused.mjs',
    metafile: true,
    write: false,
  });
  return Object.keys(metafile?.inputs ?? {});
}

it.each(readdirSync(join(root, 'services')))(
  'the bundle of %s holds its service and shared/, nothing else of ours, and no schema compiler',
  async (service) => {
    const inputs = await inputsOf(service);
    const ours = inputs.filter((path) => !path.startsWith('node_modules/'));
    const foreign = ours.filter(
      (path) => !path.startsWith(`services/${service}/`) && !path.startsWith('shared/'),
    );
    expect(ours).toContain(`services/${service}/handler.ts`);
    expect(foreign).toEqual([]);
    expect(inputs.filter((path) => path.includes('ajv/dist/compile/index'))).toEqual([]);
  },
);
