/** A table of orders with dirt in it: 12 columns, about 85 bytes a row, and the specification that cleans it. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { complete } from '../../shared/contracts/complete-data.ts';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';

export const HEADER =
  'order_id,country,channel,ordered_on,quantity,price,discount,weight,distance,rating,delay,returned';

/** Memory of the function that prepares datasets. */
export const FUNCTION_MIB = 3008;

const COUNTRIES: Readonly<Record<string, readonly string[]>> = {
  'United States': ['US', 'USA', 'U.S.'],
  Germany: ['DE', 'Deutschland'],
  Canada: ['CA'],
  Mexico: ['MX'],
};
const CHANNELS: Readonly<Record<string, readonly string[]>> = {
  web: ['www'],
  shop: ['store'],
  phone: ['call'],
};

const shares = { test: 0.15, validation: 0.1 };

/** As an engine gets it. */
export const orders: DataSpecification = complete({
  format: 'auto',
  seal: 'each',
  mode: 'append',
  columns: [
    { name: 'order_id', type: 'integer' },
    { name: 'country', type: 'text', canonical: COUNTRIES, unknown: 'keep', encode: 'one-hot' },
    { name: 'channel', type: 'text', canonical: CHANNELS, unknown: 'quarantine', encode: 'ordinal' },
    { name: 'ordered_on', type: 'date', parts: ['month', 'weekday'] },
    { name: 'quantity', type: 'integer', minimum: 1, maximum: 100 },
    { name: 'price', type: 'number', minimum: 0 },
    { name: 'discount', type: 'number', missing: { constant: 0 }, minimum: 0, maximum: 1 },
    { name: 'weight', type: 'number' },
    { name: 'distance', type: 'number', missing: 'allow' },
    { name: 'rating', type: 'number' },
    { name: 'delay', type: 'number' },
    { name: 'returned', type: 'integer', minimum: 0, maximum: 1 },
  ],
  derive: [{ name: 'revenue', formula: 'price * quantity * (1 - discount)' }],
  features: [
    'country',
    'channel',
    'ordered_on',
    'quantity',
    'price',
    'discount',
    'weight',
    'distance',
    'rating',
    'delay',
    'revenue',
  ],
  target: 'returned',
  duplicates: 'drop',
  split: shares,
  quality: { minimumRows: 1, maximumQuarantined: 1 },
} as DataSpecification);

/** Numbers from 0 to 1 that look random and always are the same. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SPELT_COUNTRIES = [
  ...Object.entries(COUNTRIES).flat(2),
  'united states',
  ' germany ',
  'CANADA',
  'Peru',
];
const SPELT_CHANNELS = [...Object.entries(CHANNELS).flat(2), 'Web', 'SHOP '];
const CHUNK = 1024 * 1024;

/** Writes `rows` orders to `path`: 2 % of them are earlier ones again, 1 % each has a quantity out of range and a price
 * that is none, 3 % no discount, 2 % no distance. */
export function writeOrders(path: string, rows: number): void {
  const random = sequence(rows);
  const file = openSync(path, 'w');
  let text = `${HEADER}\n`;
  let earlier = '';
  for (let row = 0; row < rows; row++) {
    const line = row > 0 && random() < 0.02 ? earlier : order(row, random);
    if (random() < 0.05) earlier = line;
    text += line;
    if (text.length < CHUNK) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, text);
  closeSync(file);
}

function order(row: number, random: () => number): string {
  const oneOf = (values: readonly string[]) => values[Math.floor(random() * values.length)]!;
  const decimal = (most: number, digits: number) => (random() * most).toFixed(digits);
  const day = 1 + Math.floor(random() * 28);
  const month = 1 + Math.floor(random() * 12);
  const date = `20${15 + Math.floor(random() * 10)}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  const quantity = random() < 0.01 ? 1000 : 1 + Math.floor(random() * 100);
  const price = random() < 0.01 ? 'n/a' : decimal(1000, 2);
  const discount = random() < 0.03 ? '' : decimal(0.5, 3);
  const distance = random() < 0.02 ? '' : decimal(5000, 1);
  return `${row},${oneOf(SPELT_COUNTRIES)},${oneOf(SPELT_CHANNELS)},${date},${quantity},${price},${discount},${decimal(50, 3)},${distance},${decimal(5, 4)},${decimal(30, 5)},${random() < 0.1 ? 1 : 0}\n`;
}
