/** `npm run test:e2e [-- --endpoint URL|ministack|aws [--region us-east-1] [test names]]`: the end-to-end suite against
 * the embedded cloud, another emulator, or an AWS account. `--endpoint ministack --bare test/conformance`: the
 * conformance suite against MiniStack, an empty one for each file. Exits as jest does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root } from '../../cli/package-service.ts';
import { MINISTACK_VERSION, startMiniStack } from './support/elsewhere/ministack.ts';
import { prepareAws, prepareEmulator } from './support/elsewhere/prepare.ts';
import { BARE, passTarget, type Target } from './support/target.ts';

/** They disturb what happens inside the embedded cloud, or start it on another template. */
const EMBEDDED_ONLY = ['chaos', 'disordered-events', 'lost-events', 'permissions'].map(
  (name) => `test/e2e/${name}`,
);
/** Whatever hangs ends. */
const LONGEST_MS = 30 * 60_000;
const TEST_TIMEOUT_MS = 30_000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const JEST = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    endpoint: { type: 'string' },
    region: { type: 'string', default: 'us-east-1' },
    bare: { type: 'boolean', default: false },
  },
});

/** What `--endpoint` names; undefined for the embedded cloud, which each test file starts for itself. */
async function prepare(dir: string, resources: AsyncDisposableStack): Promise<Target | undefined> {
  const { endpoint, region } = values;
  switch (endpoint) {
    case undefined:
      return undefined;
    case 'aws':
      return prepareAws(region, resources);
    case 'ministack': {
      const { endpoint: url } = resources.use(await startMiniStack({ log: join(dir, 'ministack.log') }));
      process.stdout.write(`MiniStack ${MINISTACK_VERSION} answers at ${url}\n`);
      return prepareEmulator(url, region, resources);
    }
    default:
      return prepareEmulator(endpoint.replace(/\/$/, ''), region, resources);
  }
}

function jestArguments(place: Target | undefined): string[] {
  const common = ['--config', join(root, 'jest.further.config.mjs'), '--runInBand'];
  const wanted = positionals.length > 0 ? positionals : ['test/e2e'];
  if (!place) return [...common, ...wanted];
  process.stdout.write(`Not run elsewhere than in the embedded cloud: ${EMBEDDED_ONLY.join(', ')}\n`);
  return [
    ...common,
    ...wanted,
    ...['--testTimeout', String(TEST_TIMEOUT_MS * place.patience)],
    ...['--testPathIgnorePatterns', '/node_modules/', ...EMBEDDED_ONLY],
  ];
}

async function runJest(args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', JEST, ...args],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } },
  );
  const ending = () => child.kill('SIGTERM');
  const timer = setTimeout(() => {
    process.stderr.write(`The suite has not ended after ${LONGEST_MS / 60_000} minutes\n`);
    child.kill('SIGKILL');
  }, LONGEST_MS);
  for (const name of SIGNALS) process.once(name, ending);
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  for (const name of SIGNALS) process.off(name, ending);
  return code ?? 128 + constants.signals[signal ?? 'SIGTERM'];
}

if (values.bare && values.endpoint !== 'ministack')
  throw new Error('--bare wants --endpoint ministack: no other place can be had anew for each file');
const dir = mkdtempSync(join(tmpdir(), 'ratchet-test-e2e-'));
const resources = new AsyncDisposableStack();
resources.defer(() => rmSync(dir, { recursive: true, force: true }));
try {
  const place = values.bare ? undefined : await prepare(dir, resources);
  const environment = place ? passTarget(join(dir, 'target.json'), place) : {};
  process.exitCode = await runJest(jestArguments(place), values.bare ? BARE : environment);
} finally {
  await resources.disposeAsync();
}
