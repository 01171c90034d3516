#!/usr/bin/env node
// Finds a Node that runs TypeScript as it is (>= 24) and hands over to it. No dependencies: it must work
// under the oldest Node that npm itself supports.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

function bundledNode() {
  const platform = { linux: 'linux', win32: 'win' }[process.platform];
  if (!platform) return undefined;
  const name = `node-${platform}-${process.arch}`;
  try {
    const folder = dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`));
    const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath;
  return bundledNode();
}

const node = findNode();
if (!node) {
  process.stderr.write(
    `ratchet needs Node ${NEEDED_MAJOR} or newer; this is ${process.version} on ${process.platform}-${process.arch}, ` +
      `and no bundled Node was installed.\nRun "npm ci" again without --omit=optional, or install Node ${NEEDED_MAJOR} from https://nodejs.org.\n`,
  );
  process.exit(69);
}

const args = process.argv.slice(2);
const isScript = args.find((word) => !word.startsWith('-'))?.match(/\.(m?[jt]s|c[jt]s)$/);
// What Node has compiled once, TypeScript among it, it need not compile at the next start: half of the time to begin.
const env = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'), ...process.env };
const child = spawn(node, isScript ? args : [join(root, 'cli', 'main.ts'), ...args], {
  stdio: 'inherit',
  env,
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`ratchet could not start ${node}: ${error.message}\n`);
  process.exit(71);
});
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
