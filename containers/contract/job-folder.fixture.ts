import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface JobInput {
  readonly hyperparameters: Readonly<Record<string, string>>;
  /** Files by channel and name. */
  readonly channels: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly contentType?: string;
}

export interface Outcome {
  readonly code: number | null;
  readonly log: string;
  /** Content of `output/failure`, where there is one. */
  readonly failure: string | undefined;
}

/** How a Processing job ended. */
export interface Processed {
  readonly code: number | null;
  /** Content of `output/message`, where there is one. */
  readonly message: string | undefined;
}

/** A base directory as SageMaker lays it out, in a temporary place, and real child processes on it. */
export class JobFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'ratchet-container-'));
  readonly #program: string;
  readonly #children = new Set<ChildProcess>();

  constructor(container: 'digits' | 'features' | 'source' | 'xgboost') {
    this.#program = fileURLToPath(new URL(`../${container}/main.ts`, import.meta.url));
  }

  write(path: string, content: string | Uint8Array): void {
    const file = join(this.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  async train(input: JobInput): Promise<Outcome> {
    const contentType = input.contentType ?? 'text/csv';
    const config: Record<string, unknown> = {};
    for (const [channel, files] of Object.entries(input.channels)) {
      config[channel] = { ContentType: contentType, TrainingInputMode: 'File', RecordWrapperType: 'None' };
      for (const [name, content] of Object.entries(files))
        this.write(`input/data/${channel}/${name}`, content);
    }
    this.write('input/config/hyperparameters.json', JSON.stringify(input.hyperparameters));
    this.write('input/config/inputdataconfig.json', JSON.stringify(config));
    this.write('input/config/resourceconfig.json', '{"current_host":"algo-1","hosts":["algo-1"]}');
    const child = this.#start(['train'], {});
    let log = '';
    child.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, log, failure: this.read('output/failure') };
  }

  /** Runs a Processing job's program, which gets no word; `told` gets its process. */
  async process(
    environment: Readonly<Record<string, string>> = {},
    told: (child: ChildProcess) => void = () => undefined,
  ): Promise<Processed> {
    const child = this.#start([], environment);
    told(child);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, message: this.read('output/message') };
  }

  /** A file's text; undefined where there is none. */
  read(path: string): string | undefined {
    const file = join(this.path, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  /** Starts the server on a free port and gives its URL once it answers. */
  async serve(environment: Readonly<Record<string, string>> = {}): Promise<Server> {
    const child = this.#start(['serve'], { SAGEMAKER_BIND_TO_PORT: '0', ...environment });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [out, err] = [collect(child, 'stdout'), collect(child, 'stderr')];
    const port = await Promise.race([portOf(child), ended.then(() => undefined)]);
    if (port === undefined) throw new Error(`serve ended: ${out()}${err()}`);
    return {
      url: `http://127.0.0.1:${port}`,
      stop: async () => {
        child.kill('SIGTERM');
        return ended;
      },
    };
  }

  /** Ends what still runs and removes the folder. */
  dispose(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.path, { recursive: true, force: true });
  }

  #start(words: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
    const env = { PATH: process.env.PATH, SAGEMAKER_BASE_DIR: this.path, ...environment };
    const child = spawn(process.execPath, [this.#program, ...words], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    return child;
  }
}

export interface Server {
  readonly url: string;
  /** Sends SIGTERM and gives the exit code. */
  stop(): Promise<number | null>;
}

function collect(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  let text = '';
  child[stream]?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const port = /Serving on port (\d+)/.exec(text)?.[1];
      if (port) resolve(Number(port));
    });
  });
}

/** `POST /invocations`. */
export async function invoke(
  server: Server,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = { 'content-type': 'text/csv' },
): Promise<{ status: number; type: string | null; text: string }> {
  const response = await fetch(`${server.url}/invocations`, { method: 'POST', body, headers });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}
