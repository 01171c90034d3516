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
    ['5,35 14 * * ? *', '2026-01-01T14:05:00Z', '2026-01-01T14:35:00.000Z'],
    ['0 18 ? * MON-FRI *', '2026-01-02T18:00:00Z', '2026-01-05T18:00:00.000Z'],
    ['0 18 ? * 2-6 *', '2026-01-02T18:00:00Z', '2026-01-05T18:00:00.000Z'],
    ['0 2 ? * 1 *', '2026-01-01T00:00:00Z', '2026-01-04T02:00:00.000Z'],
    ['0/10 * ? * MON-FRI *', '2026-01-02T23:50:00Z', '2026-01-05T00:00:00.000Z'],
    ['0/5 8-17 ? * MON-FRI *', '2026-01-01T17:55:00Z', '2026-01-02T08:00:00.000Z'],
    ['0/15 * * * ? *', '2026-01-01T00:16:30Z', '2026-01-01T00:30:00.000Z'],
    ['5/20 0/6 1/10 * ? *', '2026-01-01T18:45:00Z', '2026-01-11T00:05:00.000Z'],
    ['0 8 1 * ? *', '2026-01-01T08:00:00Z', '2026-02-01T08:00:00.000Z'],
    ['0 0 L * ? *', '2028-02-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 15W * ? *', '2026-02-01T00:00:00Z', '2026-02-16T00:00:00.000Z'],
    ['0 0 1W * ? *', '2026-07-31T00:00:00Z', '2026-08-03T00:00:00.000Z'],
    ['0 0 ? * 6#3 *', '2026-01-01T00:00:00Z', '2026-01-16T00:00:00.000Z'],
    ['0 2 ? * SAT#3 *', '2026-01-01T00:00:00Z', '2026-01-17T02:00:00.000Z'],
    ['0 0 ? * FRIL *', '2026-01-01T00:00:00Z', '2026-01-30T00:00:00.000Z'],
    ['0 0 ? * 6L *', '2026-01-01T00:00:00Z', '2026-01-30T00:00:00.000Z'],
    ['0 0 ? * L *', '2026-01-01T00:00:00Z', '2026-01-03T00:00:00.000Z'],
    ['0/5 5 ? JAN 1-5 2027', '2026-01-01T00:00:00Z', '2027-01-03T05:00:00.000Z'],
    ['0 0 1 JAN ? 2030', '2026-01-01T00:00:00Z', '2030-01-01T00:00:00.000Z'],
    ['0 0 1 1 ? 2026/3', '2026-01-01T00:00:00Z', '2029-01-01T00:00:00.000Z'],
    ['15 10 ? * 6L 2002-2005', '2026-01-01T00:00:00Z', undefined],
    ['0 0 30 2 ? *', '2026-01-01T00:00:00Z', undefined],
  ])('%s after %s', (cron, after, expected) => {
    expect(next(cron, after)).toBe(expected);
  });

  it.each([
    'INVALID',
    '',
    '0 dummy ? * MON-FRI *',
    '7 20 * * NOT *',
    '71 8 1 * ? *',
    '0 24 1 * ? *',
    '0 8 32 * ? *',
    '0 8 0 * ? *',
    '0 8 1 13 ? *',
    '0 8 ? * 8 *',
    '0 8 ? * 0 *',
    '0 1 * * * *',
    '0 1 ? * ? *',
    '0 1 * * ? 1969',
    '0 1 * * ? 2200',
    '0 1 * * ? 27',
    '0 1 * * ?',
    '0 1 * * ? * *',
    '*/0 * * * ? *',
    '5-1 * * * ? *',
    '1,,2 * * * ? *',
    '0 0 ? * FRI#6 *',
    '0 0 ? * */2 *',
    '0 0 LW * ? *',
    '0 0 0W * ? *',
    'L 0 1 * ? *',
    '0 0 1 L ? *',
    '@daily',
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

  it.each([
    'rate(1 minutes)',
    'rate(2 minute)',
    'rate(0 minutes)',
    'rate(-10 minutes)',
    'rate(5 seconds)',
    'rate(10 years)',
    'rate(10 MINUTES)',
    'rate( 10 minutes )',
    ' rate(10 minutes)',
    'rate(10 minutess)',
    'rate(10)',
    'rate()',
    'every day',
  ])('refuses %s', (text) => {
    expect(() => parseSchedule(text, 0, 1)).toThrow('Parameter ScheduleExpression is not valid.');
  });
});
