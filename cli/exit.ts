/** Exit codes, after BSD's sysexits, and the error that carries one with a message a person can act on. */
export const exitCode = { ok: 0, failed: 1, usage: 64, badData: 65, unavailable: 69 } as const;

export class CliError extends Error {
  readonly exitCode: number;
  constructor(message: string, code: number = exitCode.failed) {
    super(message);
    this.exitCode = code;
  }
}
