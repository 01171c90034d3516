/**
 * Runs before AWS's runtime client in every function process (`node --import`): gives the client a stand-in for
 * its native part, and ends the process when the host, which holds the other end of stdin, is gone.
 */
import { registerHooks } from 'node:module';
import process from 'node:process';

const standIn = new URL('./rapid-client.cjs', import.meta.url).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== './rapid-client.node') return nextResolve(specifier, context);
    return { url: standIn, format: 'commonjs', shortCircuit: true };
  },
});

const end = () => process.kill(process.pid, 'SIGKILL');
process.stdin.on('end', end).on('error', end).resume();
