import fc from 'fast-check';
import { parseSchedule } from './schedule.ts';

const at = (iso: string): number => Date.parse(iso);
const next = (cron: string, after: string): string | undefined => {
  const time = parseSchedule(`cron(${cron})`, 0, 1)(at(after));
  return time === undefined ? undefined : new Date(time).toISOString();
};

describe('cron', () => {
  it.each([
    ['0 10 * * ? *', '2026-01-01T10:00:00Z', '2026-01-02T10:00:00.000Z'],
    ['15 12 * * ? *', '2026-01-01T11:00:00Z', '2026-01-01T12:15:00.000Z'],
    ['0 18 ? * MON-FRI *', '2026-01-02T18:00:00Z', '2026-01-05T18:00:00.000Z'],
    ['0/15 * * * ? *', '2026-01-01T00:16:30Z', '2026-01-01T00:30:00.000Z'],
    ['0 0 L * ? *', '2028-02-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 15W * ? *', '2026-02-01T00:00:00Z', '2026-02-16T00:00:00.000Z'],
    ['0 0 1W * ? *', '2026-07-31T00:00:00Z', '2026-08-03T00:00:00.000Z'],
    ['0 0 ? * 6#3 *', '2026-01-01T00:00:00Z', '2026-01-16T00:00:00.000Z'],
    ['0 0 ? * FRIL *', '2026-01-01T00:00:00Z', '2026-01-30T00:00:00.000Z'],
    ['0 0 1 JAN ? 2030', '2026-01-01T00:00:00Z', '2030-01-01T00:00:00.000Z'],
    ['0 0 30 2 ? *', '2026-01-01T00:00:00Z', undefined],
  ])('%s after %s', (cron, after, expected) => {
    expect(next(cron, after)).toBe(expected);
  });

  it.each([
    'INVALID',
    '0 dummy ? * MON-FRI *',
    '7 20 * * NOT *',
    '71 8 1 * ? *',
    '0 1 * * * *',
    '0 1 ? * ? *',
    '*/0 * * * ? *',
  ])('refuses %s', (cron) => {
    expect(() => next(cron, '2026-01-01T00:00:00Z')).toThrow('Parameter ScheduleExpression is not valid.');
  });

  it('is strictly later, and stays on a minute', () => {
    const after = fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') });
    const field = (max: number) => fc.oneof(fc.constant('*'), fc.integer({ min: 0, max }).map(String));
    fc.assert(
      fc.property(after, field(59), field(23), (time, minute, hour) => {
        const fired = parseSchedule(`cron(${minute} ${hour} * * ? *)`, 0, 1)(time) ?? 0;
        expect(fired).toBeGreaterThan(time);
        expect(fired - time).toBeLessThanOrEqual(86_400_000);
        expect(fired % 60_000).toBe(0);
        if (hour !== '*') expect(new Date(fired).getUTCHours()).toBe(Number(hour));
      }),
    );
  });
});

describe('rate', () => {
  it('counts from its beginning and makes up for nothing', () => {
    const schedule = parseSchedule('rate(5 minutes)', 1_000, 1);
    expect(schedule(1_000)).toBe(301_000);
    expect(schedule(300_999)).toBe(301_000);
    expect(schedule(301_000)).toBe(601_000);
    expect(schedule(3_000_000)).toBe(3_001_000);
  });

  it('divides its period by the scale', () => {
    expect(parseSchedule('rate(1 minute)', 0, 60)(0)).toBe(1_000);
  });

  it.each(['rate(1 minutes)', 'rate(2 minute)', 'rate(0 minutes)', 'rate(5 seconds)', 'every day'])(
    'refuses %s',
    (text) => {
      expect(() => parseSchedule(text, 0, 1)).toThrow('Parameter ScheduleExpression is not valid.');
    },
  );
});
