/** A function was deployed without a setting that it needs. */
export class MissingSetting extends Error {
  readonly code = 'MissingSetting';
  constructor(names: readonly string[]) {
    super(`Missing in the function's environment: ${names.join(', ')}`);
  }
}

/** Reads the named variables, all at once, so that one message names everything that is missing. */
export function readEnvironment<N extends string>(
  environment: NodeJS.ProcessEnv,
  names: readonly N[],
): Record<N, string> {
  const missing = names.filter((name) => !environment[name]);
  if (missing.length > 0) throw new MissingSetting(missing);
  return Object.fromEntries(names.map((name) => [name, environment[name]])) as Record<N, string>;
}
