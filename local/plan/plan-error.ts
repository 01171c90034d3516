/** The packaged template asks for something that the embedded cloud does not understand; the message names it. */
export class PlanError extends Error {
  readonly code = 'PLAN_NOT_UNDERSTOOD';

  constructor(where: string, problem: string) {
    super(`${where}: ${problem}`);
    this.name = 'PlanError';
  }
}
