import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Python } from './process/python.ts';

/** The program that stands for a container image: `command` is the argv before the word `train` or `serve`. */
export interface ImageProgram {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What must be installed for it, told when it cannot be started. */
  readonly needs?: string;
}

export type ResolveImage = (uri: string) => ImageProgram | undefined;

const ECR_URI =
  /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([a-z0-9._/-]+?)(?:[:@]([A-Za-z0-9._:-]+))?$/;

/** The parts of an ECR image URI; undefined for any other text. */
export function parseImageUri(uri: string): { account: string; repository: string; tag: string } | undefined {
  const parts = ECR_URI.exec(uri);
  return parts
    ? { account: parts[1] ?? '', repository: parts[3] ?? '', tag: parts[4] ?? 'latest' }
    : undefined;
}

const PYTHON_NEEDS =
  'The Spark image needs Python 3.9 or newer with the packages of containers/spark/requirements.txt, and Java 17: run "npm run spark", or name a Python that has them in RATCHET_PYTHON';

/**
 * Resolves image URIs to the programs of `containersDir`: repository `ratchet-<stage>-<name>` is
 * `<name>/main.ts`, or `<name>/prepare.py`, run by `python`; AWS's own `sagemaker-xgboost` is `xgboost/main.ts`. Unknown
 * images are undefined.
 */
export function createImageResolver(options: {
  readonly containersDir: string;
  readonly stage?: string;
  /** The interpreter of programs in Python, asked each time, as it may be installed meanwhile. */
  readonly python?: () => Python;
}): ResolveImage {
  const stage = options.stage ?? '[a-z0-9]{1,10}';
  const ours = new RegExp(`^ratchet-${stage}-([a-z0-9]+(?:-[a-z0-9]+)*)$`);
  // A program whose types need not be stripped anew starts sooner and holds a third less memory; an endpoint has two
  // such processes for each variant that is sent raw records.
  const cache = join(options.containersDir, '..', 'node_modules', '.cache', 'compiled');
  const compiled = { NODE_COMPILE_CACHE: cache };
  return (uri) => {
    const repository = parseImageUri(uri)?.repository;
    if (!repository) return undefined;
    const name = repository === 'sagemaker-xgboost' ? 'xgboost' : ours.exec(repository)?.[1];
    if (!name) return undefined;
    const main = join(options.containersDir, name, 'main.ts');
    if (existsSync(main)) return { command: [process.execPath, main], env: compiled };
    const prepare = join(options.containersDir, name, 'prepare.py');
    if (!existsSync(prepare)) return undefined;
    const { interpreter, env } = options.python?.() ?? { interpreter: 'python3', env: {} };
    return { command: [interpreter, prepare], env, needs: PYTHON_NEEDS };
  };
}
