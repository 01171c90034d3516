/** The packaged output that the embedded cloud starts from: made by `serverless package`, kept by the digest of what
 * it is made of, so that a second start finds it ready. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, relative } from 'node:path';
import { duckdbLayer, platformHere } from './duckdb-layer.ts';
import { CliError } from './exit.ts';

export const root = join(import.meta.dirname, '..');

const inputs = [
  'cli/duckdb-layer.ts',
  'serverless.yml',
  'esbuild.config.cjs',
  'package-lock.json',
  'resources',
  'services',
  'shared',
];
const generated = join('shared', 'contracts', 'generated');

function* filesUnder(path: string): Generator<string> {
  if (relative(root, path) === generated) return;
  if (!statSync(path).isDirectory()) {
    if (!path.endsWith('.test.ts')) yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) yield* filesUnder(join(path, name));
}

function digestOf(stage: string): string {
  const hash = createHash('sha256').update(`${stage}\n${process.versions.node}\n${platformHere}\n`);
  for (const input of inputs) {
    for (const file of filesUnder(join(root, input))) {
      hash
        .update(`${relative(root, file)}\n`)
        .update(readFileSync(file))
        .update('\n');
    }
  }
  return hash.digest('hex').slice(0, 20);
}

/** Runs a program of this repository; its output is shown only when it fails. */
function run(args: readonly string[], what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        SLS_NOTIFICATIONS_MODE: 'off',
        SLS_TELEMETRY_DISABLED: '1',
        SLS_INTERACTIVE_SETUP_ENABLE: '0',
      },
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new CliError(`${what} failed (exit code ${code}):\n${Buffer.concat(output).toString()}`));
    });
  });
}

const WAIT_MS = 250;
const LONGEST_WAIT_MS = 120_000;

/** One at a time: the bundler's working folder is the repository's own. */
async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const until = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    try {
      mkdirSync(path);
      break;
    } catch {
      const since = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (since !== undefined && Date.now() - since > LONGEST_WAIT_MS)
        rmSync(path, { recursive: true, force: true });
      if (Date.now() > until)
        throw new CliError(`Another process has been packaging for long; remove ${path} if it is gone`);
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

/** The folder with the CloudFormation template and the functions' bundles. */
export async function packageService(stage = 'dev'): Promise<string> {
  const home = join(root, '.ratchet', 'package');
  const folder = join(home, digestOf(stage));
  if (existsSync(folder)) return folder;
  mkdirSync(home, { recursive: true });
  return withLock(join(home, 'lock'), async () => {
    if (existsSync(folder)) return folder;
    await run([join(root, 'shared', 'contracts', 'generate.ts')], 'Generating the validators');
    const temporary = `${folder}.${process.pid}`;
    const layer = await duckdbLayer(platformHere, { compress: false });
    const serverless = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');
    const args = ['package', '--stage', stage, '--package', temporary, '--param', `platform=${platformHere}`];
    await run([serverless, ...args], 'Packaging the services');
    linkSync(layer, join(temporary, basename(layer)));
    renameSync(temporary, folder);
    for (const old of readdirSync(home)) {
      if (join(home, old) !== folder && old !== 'lock')
        rmSync(join(home, old), { recursive: true, force: true });
    }
    return folder;
  });
}
