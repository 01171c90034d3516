const UNITS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3_600, day: 86_400 };

/** `30 seconds`, `1 minute`, `2 hours`, `7 days`. */
export const DURATION = '^[0-9]{1,6} (second|minute|hour|day)s?$';

/** Seconds of a duration that matches DURATION. Throws RangeError on any other text. */
export function secondsOf(duration: string): number {
  const match = /^(\d{1,6}) (second|minute|hour|day)s?$/.exec(duration);
  if (!match) throw new RangeError(`"${duration}" is no duration such as "30 seconds" or "2 hours"`);
  return Number(match[1]) * (UNITS[match[2] as string] as number);
}
