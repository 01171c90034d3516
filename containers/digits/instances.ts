import { RequestError } from '../contract/request-error.ts';
import type { NumericTable } from '../numeric/table.ts';

/** Reads `{"instances": [[…], …]}` or `{"instances": [{"features": […]}, …]}`. Throws RequestError 400 that names
 * the row and column, which count from 1. */
export function parseInstances(body: Buffer, columns: number): NumericTable {
  const rows = instancesOf(body).map((instance, row) => featuresOf(instance, row, columns));
  const values = new Float32Array(rows.length * columns);
  rows.forEach((features, row) => {
    features.forEach((value, column) => {
      if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) {
        const shown = JSON.stringify(value).slice(0, 40);
        throw new RequestError(400, `row ${row + 1}, column ${column + 1}: ${shown} is not a number`);
      }
      values[row * columns + column] = value;
    });
  });
  return { values, rows: rows.length, columns };
}

function instancesOf(body: Buffer): readonly unknown[] {
  let document: unknown;
  try {
    document = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new RequestError(400, `The body is not JSON: ${(error as Error).message}`);
  }
  const instances = (document as { instances?: unknown } | null)?.instances;
  if (!Array.isArray(instances)) throw new RequestError(400, 'Expected {"instances": [[…], …]}.');
  return instances;
}

function featuresOf(instance: unknown, row: number, columns: number): readonly unknown[] {
  const features = Array.isArray(instance) ? instance : (instance as { features?: unknown } | null)?.features;
  if (!Array.isArray(features)) {
    throw new RequestError(400, `row ${row + 1}: expected an array of ${columns} numbers`);
  }
  if (features.length !== columns) {
    throw new RequestError(400, `row ${row + 1}: expected ${columns} columns, found ${features.length}`);
  }
  return features;
}
