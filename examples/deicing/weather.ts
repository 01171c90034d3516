import { normal, type Random } from '../../containers/numeric/random.ts';
import type { Weather } from './physics.ts';

export type Country = 'United States' | 'Canada' | 'Norway';

export interface Station {
  readonly name: string;
  readonly country: Country;
  /** Mean of the year in °C. */
  readonly mean: number;
  /** Half the difference of the warmest and the coldest month in K. */
  readonly seasonal: number;
  /** Half the difference of day and night in K. */
  readonly diurnal: number;
  /** Mean relative humidity in %. */
  readonly humidity: number;
  /** Share of hours in which something falls. */
  readonly wetness: number;
}

/** Rounded climates of airports by their ICAO codes; good for an example, not for a forecast. */
export const STATIONS: readonly Station[] = [
  { name: 'KMSP', country: 'United States', mean: 8, seasonal: 16, diurnal: 5, humidity: 70, wetness: 0.14 },
  { name: 'KORD', country: 'United States', mean: 10, seasonal: 14, diurnal: 5, humidity: 70, wetness: 0.16 },
  { name: 'KDEN', country: 'United States', mean: 10, seasonal: 12, diurnal: 8, humidity: 52, wetness: 0.08 },
  { name: 'PANC', country: 'United States', mean: 3, seasonal: 12, diurnal: 4, humidity: 72, wetness: 0.2 },
  { name: 'CYYZ', country: 'Canada', mean: 9, seasonal: 14, diurnal: 5, humidity: 73, wetness: 0.17 },
  { name: 'CYUL', country: 'Canada', mean: 7, seasonal: 16, diurnal: 5, humidity: 71, wetness: 0.18 },
  { name: 'CYWG', country: 'Canada', mean: 3, seasonal: 19, diurnal: 6, humidity: 71, wetness: 0.11 },
  { name: 'ENGM', country: 'Norway', mean: 5, seasonal: 11, diurnal: 4, humidity: 77, wetness: 0.19 },
];

/** A change of climate, added to every station's weather. */
export interface ClimateShift {
  /** K added to the air temperature. */
  readonly temperature?: number;
  /** Points of relative humidity added. */
  readonly humidity?: number;
  /** The frequency of precipitation is multiplied by this. */
  readonly wetness?: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365.25 * DAY;
/** The coldest time: 20 January, four hours after midnight local time. */
const COLDEST_DAY = 19;
const COLDEST_HOUR = 4;

/** Draws the weather at a station for a time in epoch milliseconds, taken as local solar time. */
export function drawWeather(station: Station, time: number, shift: ClimateShift, random: Random): Weather {
  const season = -Math.cos((2 * Math.PI * ((time - COLDEST_DAY * DAY) % YEAR)) / YEAR);
  const hour = (time % DAY) / HOUR;
  const sunshine = Math.max(0, Math.sin((Math.PI * (hour - 6)) / 12)) * (0.6 + 0.4 * season);
  const wet = random() < station.wetness * (shift.wetness ?? 1);
  const precipitation = wet ? Math.min(30, -1.5 * Math.log(1 - random())) : 0;
  const daily = -Math.cos((2 * Math.PI * (hour - COLDEST_HOUR)) / 24) * station.diurnal * (wet ? 0.3 : 1);
  const temperature =
    station.mean + season * station.seasonal + daily + 4 * normal(random) + (shift.temperature ?? 0);
  // Nights and rain are humid, warm afternoons dry.
  const humidity = station.humidity - 2 * daily + (wet ? 18 : 0) + 9 * normal(random) + (shift.humidity ?? 0);
  return {
    temperature: clamp(temperature, -50, 45),
    humidity: clamp(humidity, 10, 100),
    precipitation,
    windSpeed: Math.min(35, 3.5 * Math.hypot(normal(random), normal(random))),
    sunshine,
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
