/** What goes to AWS is the services and what they share, and nothing of the pretence. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { duckdbLayer, platformHere } from '../../cli/duckdb-layer.ts';
import { unzip } from '../../local/plan/unzip.ts';

/** Bytes. A function and its layers have 250 MB together; minified bundles have about 1. */
const LARGEST_BUNDLE = 5e6;

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
    expect(inputs.filter((path) => path.includes('@duckdb/'))).toEqual([]);
  },
);

it('the layer holds all that DuckDB asks for, and is no larger than Lambda allows', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ratchet-layer-'));
  try {
    unzip(readFileSync(await duckdbLayer(platformHere, { compress: false })), folder, 'the layer');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
    expect(bytes).toBeGreaterThan(50e6);
    expect(bytes).toBeLessThan(250e6 - LARGEST_BUNDLE);
    const program = `const { DuckDBInstance } = require('@duckdb/node-api');
      DuckDBInstance.create().then((db) => db.connect()).then((c) => c.runAndReadAll('SELECT 6 * 7'))
        .then((r) => console.log(r.getRows()[0][0]));`;
    const env = { NODE_PATH: join(folder, 'nodejs', 'node_modules') };
    const { stdout } = spawnSync(process.execPath, ['-e', program], { cwd: folder, env, encoding: 'utf8' });
    expect(stdout).toBe('42\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
