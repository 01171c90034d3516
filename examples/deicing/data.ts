import { createRandom, normal, type Random } from '../../containers/numeric/random.ts';
import { icing } from './physics.ts';
import { type ClimateShift, type Country, drawWeather, STATIONS } from './weather.ts';

/** How each country is spelled in the raw records; the key is the name that cleaning should make of it. */
export const COUNTRY_SPELLINGS: Readonly<Record<Country, readonly string[]>> = {
  'United States': ['United States', 'US', 'USA', 'U.S.A.', 'usa', 'United States of America'],
  Canada: ['Canada', 'CA', 'CAN', 'canada'],
  Norway: ['Norway', 'NO', 'NOR'],
};

/** How many rows of each kind of dirt go in, beside the clean ones. */
export interface DeicingDirt {
  /** One of temperature, humidity, wind_speed is empty. */
  readonly missing: number;
  /** An impossible reading: 999.9 °C, 140 %, -5 m/s. */
  readonly outOfRange: number;
  /** Exact copies of a clean row. */
  readonly duplicates: number;
}

export interface DeicingOptions {
  /** Clean records; a dirty one is a spoilt copy of a clean one. */
  readonly count: number;
  readonly seed?: number;
  /** Span of `observed_at`: ISO date of its start (default 2025-10-01) and length in days (default 182, a winter). */
  readonly from?: string;
  readonly days?: number;
  readonly shift?: ClimateShift;
  readonly dirt?: Partial<DeicingDirt>;
  /** Share of decisions that were taken against the physics; 0.02 where absent. */
  readonly noise?: number;
}

export interface DeicingSummary {
  /** Data rows in all, without the header. */
  readonly rows: number;
  readonly clean: number;
  readonly dirt: DeicingDirt;
  /** Share of clean records with deicing_needed = 1. */
  readonly deicedShare: number;
}

export interface DeicingRecord {
  readonly station: string;
  readonly country: string;
  /** ISO 8601, UTC. */
  readonly observed_at: string;
  /** °C */
  readonly temperature: number;
  /** % */
  readonly humidity: number;
  /** mm/h */
  readonly precipitation: number;
  /** m/s */
  readonly wind_speed: number;
  readonly deicing_needed: 0 | 1;
}

export const DEICING_COLUMNS = [
  'station',
  'country',
  'observed_at',
  'temperature',
  'humidity',
  'precipitation',
  'wind_speed',
  'deicing_needed',
] as const satisfies readonly (keyof DeicingRecord)[];

const DAY = 86_400_000;
const MINUTE = 60_000;
const NO_DIRT: DeicingDirt = { missing: 0, outOfRange: 0, duplicates: 0 };

/** Raw records as CSV with a header; the same options give the same text on every machine. */
export function deicingCsv(options: DeicingOptions): {
  readonly csv: string;
  readonly summary: DeicingSummary;
} {
  const records = deicingRecords(options);
  const random = createRandom((options.seed ?? 1) + 1);
  const dirt = { ...NO_DIRT, ...options.dirt };
  const lines = records.map((record) => toLine(record));
  const spoilt = [
    ...spoil(records, dirt.missing, random, (record) => toLine({ ...record, [pick(MEASURED, random)]: '' })),
    ...spoil(records, dirt.outOfRange, random, (record) =>
      toLine({ ...record, ...pick(IMPOSSIBLE, random) }),
    ),
    ...spoil(records, dirt.duplicates, random, toLine),
  ];
  for (const line of spoilt) lines.splice(Math.floor(random() * (lines.length + 1)), 0, line);
  const deiced = records.filter((record) => record.deicing_needed === 1).length;
  const summary = {
    rows: lines.length,
    clean: records.length,
    dirt,
    deicedShare: deiced / (records.length || 1),
  };
  return { csv: `${[DEICING_COLUMNS.join(','), ...lines].join('\n')}\n`, summary };
}

/** The clean records, for live requests and ground truth. */
export function deicingRecords(options: DeicingOptions): DeicingRecord[] {
  const random = createRandom(options.seed ?? 1);
  const start = Date.parse(options.from ?? '2025-10-01T00:00:00Z');
  if (Number.isNaN(start)) throw new RangeError(`from must be an ISO date, but is "${options.from}"`);
  const span = (options.days ?? 182) * DAY;
  return Array.from({ length: options.count }, () => drawRecord(start + random() * span, options, random));
}

function drawRecord(
  instant: number,
  { shift = {}, noise = 0.02 }: DeicingOptions,
  random: Random,
): DeicingRecord {
  const station = pick(STATIONS, random);
  const time = Math.floor(instant / MINUTE) * MINUTE;
  const weather = drawWeather(station, time, shift, random);
  const needed = icing(weather) !== undefined;
  const decided = random() < noise ? !needed : needed;
  return {
    station: station.name,
    country: pick(COUNTRY_SPELLINGS[station.country], random),
    observed_at: new Date(time).toISOString(),
    temperature: round(weather.temperature + 0.3 * normal(random), 1),
    humidity: round(Math.min(100, weather.humidity + 1.5 * normal(random)), 0),
    precipitation: round(weather.precipitation, 2),
    wind_speed: round(weather.windSpeed, 1),
    deicing_needed: decided ? 1 : 0,
  };
}

const MEASURED = ['temperature', 'humidity', 'wind_speed'] as const;
const IMPOSSIBLE = [{ temperature: 999.9 }, { humidity: 140 }, { wind_speed: -5 }] as const;

function spoil(
  records: readonly DeicingRecord[],
  count: number,
  random: Random,
  line: (record: DeicingRecord) => string,
): string[] {
  if (count > 0 && records.length === 0) throw new RangeError('dirt needs at least one clean record');
  return Array.from({ length: count }, () => line(pick(records, random)));
}

function toLine(record: { readonly [K in keyof DeicingRecord]: string | number }): string {
  return DEICING_COLUMNS.map((column) => record[column]).join(',');
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[Math.floor(random() * items.length)]!;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
