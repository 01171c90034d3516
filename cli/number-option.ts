import { CliError, exitCode } from './exit.ts';

/** The number that an option takes. Throws a usage error when `value` is none, or less than `smallest`. */
export function numberOf(name: string, value: string, smallest: number): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number < smallest)
    throw new CliError(`--${name} takes a number from ${smallest}, not "${value}"`, exitCode.usage);
  return number;
}
