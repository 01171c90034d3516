import fc from 'fast-check';
import { DATE_FORMATS } from './data-schema.ts';
import { dateOf, FIRST_DATE, LAST_DATE } from './date-text.ts';

describe('dateOf', () => {
  it.each<[text: string, format: (typeof DATE_FORMATS)[number], iso: string]>([
    ['2024-02-29', 'YYYY-MM-DD', '2024-02-29T00:00:00.000Z'],
    ['2024/12/31', 'YYYY/MM/DD', '2024-12-31T00:00:00.000Z'],
    ['19700101', 'YYYYMMDD', '1970-01-01T00:00:00.000Z'],
    ['03/04/2021', 'DD/MM/YYYY', '2021-04-03T00:00:00.000Z'],
    ['03/04/2021', 'MM/DD/YYYY', '2021-03-04T00:00:00.000Z'],
    ['03.04.2021', 'DD.MM.YYYY', '2021-04-03T00:00:00.000Z'],
    ['03-04-2021', 'DD-MM-YYYY', '2021-04-03T00:00:00.000Z'],
    ['2024-01-01T05:06', 'YYYY-MM-DD', '2024-01-01T05:06:00.000Z'],
    ['2024-01-01 05:06:07', 'YYYY-MM-DD', '2024-01-01T05:06:07.000Z'],
    ['2024-01-01 05:06:07.9', 'YYYY-MM-DD', '2024-01-01T05:06:07.900Z'],
    ['2024-01-01 05:06:07.123456789Z', 'YYYY-MM-DD', '2024-01-01T05:06:07.123Z'],
    ['2024-01-01T00:30+02:00', 'YYYY-MM-DD', '2023-12-31T22:30:00.000Z'],
    ['20240101 23:59-00:30', 'YYYYMMDD', '2024-01-02T00:29:00.000Z'],
    ['0001-01-01', 'YYYY-MM-DD', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999', 'YYYY-MM-DD', '9999-12-31T23:59:59.999Z'],
    ['-1', 'epoch-seconds', '1969-12-31T23:59:59.000Z'],
    ['1700000000123', 'epoch-milliseconds', '2023-11-14T22:13:20.123Z'],
  ])('reads %s as %s', (text, format, iso) => {
    expect(dateOf(text, [format])).toBe(Date.parse(iso));
  });

  it.each([
    '2023-02-29',
    '1900-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-01-32',
    '2024-04-31',
    '0000-01-01',
    '2024-1-1',
    '2024-01-01T24:00',
    '2024-01-01T00:60',
    '2024-01-01T00:00:60',
    '2024-01-01T00:00:00.',
    '2024-01-01T',
    '2024-01-01Z',
    '2024-01-01  00:00',
    '2024-01-01t00:00',
    '2024-01-01T00:00z',
    '2024-01-01T00:00+2',
    '2024-01-01T00:00+24:00',
    '2024-01-01T00:00:00.1234567890',
    '2024/01/01',
    '20240101',
    '0001-01-01T00:00+01:00',
    '',
    '٢٠٢٤-01-01',
  ])('does not read "%s"', (text) => {
    expect(dateOf(text, ['YYYY-MM-DD'])).toBeNaN();
  });

  it('takes the first format that fits', () => {
    expect(dateOf('03/04/2021', ['MM/DD/YYYY', 'DD/MM/YYYY'])).toBe(Date.UTC(2021, 2, 4));
    expect(dateOf('13/04/2021', ['MM/DD/YYYY', 'DD/MM/YYYY'])).toBe(Date.UTC(2021, 3, 13));
    expect(dateOf('1.5', ['epoch-seconds', 'epoch-milliseconds'])).toBeNaN();
    expect(dateOf('1e3', ['epoch-seconds'])).toBeNaN();
    expect(dateOf('99999999999999', ['epoch-seconds'])).toBeNaN();
  });

  it('reads any instant as JavaScript writes it', () => {
    fc.assert(
      fc.property(fc.integer({ min: FIRST_DATE, max: LAST_DATE }), (instant) => {
        const text = new Date(instant).toISOString();
        expect(dateOf(text, [...DATE_FORMATS])).toBe(instant);
        expect(dateOf(text.replaceAll('-', '/').replace('T', ' '), ['YYYY/MM/DD'])).toBe(instant);
      }),
    );
  });
});
