/** The physics behind the de-icing decision, in plain functions. Sources are named where formulas stand. */

/** Weather at a parked aeroplane, as it truly is (a record adds the instruments' noise). */
export interface Weather {
  /** Air temperature in °C. */
  readonly temperature: number;
  /** Relative humidity over water in %. */
  readonly humidity: number;
  /** Liquid equivalent in mm/h. */
  readonly precipitation: number;
  /** m/s. */
  readonly windSpeed: number;
  /** Height of the sun as a share of the day: 0 at night up to 1 at noon in summer. */
  readonly sunshine: number;
}

interface MagnusCoefficients {
  readonly a: number;
  /** °C */
  readonly b: number;
}

/** Magnus coefficients of Sonntag (1990), also in WMO-No. 8: over water -45…60 °C, over ice -65…0 °C. */
const OVER_WATER: MagnusCoefficients = { a: 17.62, b: 243.12 };
const OVER_ICE: MagnusCoefficients = { a: 22.46, b: 272.62 };
/** Saturation vapour pressure at 0 °C in hPa. */
const PRESSURE_AT_ZERO = 6.112;

/** Vapour pressure in hPa from temperature (°C) and relative humidity (%): e = RH/100 · 6.112 · exp(aT / (b + T)). */
export function vapourPressure(temperature: number, humidity: number): number {
  const { a, b } = OVER_WATER;
  return (humidity / 100) * PRESSURE_AT_ZERO * Math.exp((a * temperature) / (b + temperature));
}

/** The temperature (°C) at which vapour of this pressure (hPa) saturates: the Magnus formula solved for T. */
function saturationPoint(pressure: number, { a, b }: MagnusCoefficients): number {
  const logarithm = Math.log(pressure / PRESSURE_AT_ZERO);
  return (b * logarithm) / (a - logarithm);
}

/** Dew point in °C: below it, water condenses on a surface. */
export function dewPoint(temperature: number, humidity: number): number {
  return saturationPoint(vapourPressure(temperature, humidity), OVER_WATER);
}

/** Frost point in °C: below it, ice grows on a surface that is colder than 0 °C. It lies above the dew point there. */
export function frostPoint(temperature: number, humidity: number): number {
  return saturationPoint(vapourPressure(temperature, humidity), OVER_ICE);
}

const CLEAR_NIGHT_COOLING = 5;
const CALM_WIND = 3;
const SUN_HEATING = 3;
const CLOUD_PRECIPITATION = 0.05;

/** Temperature of a wing's upper side in °C. Under a clear, calm night sky it radiates and cools up to 5 K below
 * the air, sunshine warms it by up to 3 K, wind brings it back to the air's temperature, and clouds (here: wherever
 * something falls) end both. */
export function surfaceTemperature(weather: Weather): number {
  if (weather.precipitation >= CLOUD_PRECIPITATION) return weather.temperature;
  const exchange = 1 / (1 + weather.windSpeed / CALM_WIND);
  const night = Math.max(0, 1 - 4 * weather.sunshine);
  return weather.temperature + exchange * (SUN_HEATING * weather.sunshine - CLEAR_NIGHT_COOLING * night);
}

const FREEZING_PRECIPITATION = 0.1;
const FREEZING_AIR = 1;

/** Why an aeroplane must be de-iced, undefined where it need not be. `frost`: the surface is at or below 0 °C and
 * below the frost point. `freezing-precipitation`: at least 0.1 mm/h falls at 1 °C or less, so that snow sticks
 * and rain freezes. */
export function icing(weather: Weather): 'frost' | 'freezing-precipitation' | undefined {
  if (weather.precipitation >= FREEZING_PRECIPITATION && weather.temperature <= FREEZING_AIR) {
    return 'freezing-precipitation';
  }
  const surface = surfaceTemperature(weather);
  return surface <= 0 && surface < frostPoint(weather.temperature, weather.humidity) ? 'frost' : undefined;
}
