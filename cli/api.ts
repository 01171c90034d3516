/** The HTTP API as the command line asks it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '../shared/contracts/http.ts';
import { credentials as anyone, type Connection, region } from './connection.ts';
import { CliError, exitCode } from './exit.ts';
import { createSigner } from './sign.ts';

/** The API refused: `problem` says why. */
export class ApiRefusal extends CliError {
  readonly status: number;
  readonly problem: Problem;
  constructor(status: number, problem: Problem) {
    super(problem.message, status < 500 ? exitCode.badData : exitCode.failed);
    this.status = status;
    this.problem = problem;
  }
}

/** Every call may be repeated: one that the API failed (5xx) is, a few times, before its failure is told. */
export interface Api {
  get<T>(path: string): Promise<T>;
  send<T>(method: 'PUT' | 'POST', path: string, body: string): Promise<T>;
}

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;

/** Where the API is and with which key it is asked. */
export type ApiPlace = Pick<Connection, 'apiUrl' | 'credentials'>;

/** Requests are signed, as AWS wants them. */
export function createApi({ apiUrl, credentials = anyone }: ApiPlace): Api {
  const signer = createSigner(credentials, 'execute-api', region);

  async function signed(method: string, path: string, body = ''): Promise<Record<string, string>> {
    const { hostname, port, pathname, searchParams } = new URL(`${apiUrl}${path}`);
    const { headers } = await signer.sign({
      method,
      protocol: 'http:',
      hostname,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: { host: port === '' ? hostname : `${hostname}:${port}` },
      body,
    });
    const { host: _, ...rest } = headers;
    return rest;
  }

  async function call<T>(method: string, path: string, body?: string, attempt = 1): Promise<T> {
    let response: Response;
    try {
      const headers = await signed(method, path, body);
      response = await fetch(`${apiUrl}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      });
    } catch (error) {
      throw new CliError(
        `The HTTP API at ${apiUrl} does not answer (${(error as Error).message})`,
        exitCode.unavailable,
      );
    }
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as T;
    if (response.status >= 500 && attempt < ATTEMPTS) {
      await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      return call(method, path, body, attempt + 1);
    }
    throw new ApiRefusal(response.status, problemOf(response.status, text));
  }
  return { get: (path) => call('GET', path), send: (method, path, body) => call(method, path, body) };
}

function problemOf(status: number, text: string): Problem {
  try {
    const value = JSON.parse(text) as Partial<Problem>;
    return { ...value, error: value.error ?? 'Error', message: value.message ?? text };
  } catch {
    return { error: 'Error', message: `HTTP ${status}: ${text.slice(0, 500)}` };
  }
}
