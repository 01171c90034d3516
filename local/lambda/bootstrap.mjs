/**
 * Runs before AWS's runtime client in every function process (`node --import`): gives the client a stand-in for
 * its native part, finds modules of `/opt` in the layers that this module's URL names (`?opt=FOLDER`), and ends the
 * process when the host, which holds the other end of stdin, is gone.
 */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';

const standIn = new URL('./rapid-client.cjs', import.meta.url).href;
const layers = new URL(import.meta.url).searchParams.getAll('opt');
const OPT = /^(?:file:\/\/)?\/opt\//;

/** The module's path in the first layer that has it; `require` may leave its ending out. */
function inLayers(specifier) {
  const paths = layers.map((layer) => join(layer, specifier.replace(OPT, '')));
  return paths.find((path) => ['', '.js', '.json', '.node'].some((ending) => existsSync(path + ending)));
}

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === './rapid-client.node') return { url: standIn, format: 'commonjs', shortCircuit: true };
    return nextResolve((OPT.test(specifier) && inLayers(specifier)) || specifier, context);
  },
});

/** With all that it has started, where there are process groups. */
function end() {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}
process.stdin.on('end', end).on('error', end).resume();
