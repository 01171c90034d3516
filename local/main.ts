/** `node local/main.ts --dir … --package … [--port 4566] [--api-port 4567] [--scale 1] [--max-warm 6] [--idle-ms 60000] [--chaos SEED] [--strict]`:
 * runs the embedded cloud; prints one line of JSON (CloudInfo) once it is ready; ends on SIGTERM or SIGINT. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startCloud } from './cloud.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: '.ratchet' },
    package: { type: 'string', default: '.serverless' },
    port: { type: 'string', default: '4566' },
    'api-port': { type: 'string', default: '4567' },
    scale: { type: 'string', default: '1' },
    'max-warm': { type: 'string', default: '6' },
    'idle-ms': { type: 'string', default: '60000' },
    chaos: { type: 'string' },
    strict: { type: 'boolean', default: false },
  },
});

function number(name: Exclude<keyof typeof values, 'strict'>): number {
  const value = Number(values[name]);
  if (values[name]?.trim() !== '' && value >= 0 && Number.isFinite(value)) return value;
  process.stderr.write(`--${name} must be a number, not ${JSON.stringify(values[name])}\n`);
  process.exit(64);
}

try {
  const cloud = await startCloud({
    dir: values.dir,
    packageDir: values.package,
    port: number('port'),
    apiPort: number('api-port'),
    scale: number('scale') || 1,
    maxWarm: Math.max(1, number('max-warm')),
    idleMs: number('idle-ms'),
    strict: values.strict,
    ...(values.chaos === undefined ? {} : { chaos: number('chaos') }),
  });
  process.stdout.write(`${JSON.stringify(cloud.info)}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void cloud.close().then(() => process.exit(0));
    });
  }
} catch (error) {
  process.stderr.write(`The embedded cloud did not start: ${(error as Error).message}\n`);
  process.exit(1);
}
