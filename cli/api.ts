/** The HTTP API as the command line asks it. */
import type { Problem } from '../shared/contracts/http.ts';
import { CliError, exitCode } from './exit.ts';

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

export interface Api {
  get<T>(path: string): Promise<T>;
  send<T>(method: 'PUT' | 'POST', path: string, body: string): Promise<T>;
}

export function createApi(apiUrl: string): Api {
  async function call<T>(method: string, path: string, body?: string): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`${apiUrl}${path}`, { method, ...(body === undefined ? {} : { body }) });
    } catch (error) {
      throw new CliError(
        `The HTTP API at ${apiUrl} does not answer (${(error as Error).message})`,
        exitCode.unavailable,
      );
    }
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as T;
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
