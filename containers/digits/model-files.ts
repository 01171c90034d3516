import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DigitsHyperparameters } from './hyperparameters.ts';
import { layoutOf, type Network, type NetworkShape, withSums } from './network.ts';

/** `model.json`; beside it `weights.bin` holds the network's parameters as little-endian Float32. */
export interface ModelDescription extends NetworkShape {
  readonly format: 'ratchet-mlp';
  readonly formatVersion: 1;
  readonly activation: 'relu';
  readonly scale: number;
  /** Each row is taken less its own mean. */
  readonly centre: 'row-mean';
  readonly hyperparameters: DigitsHyperparameters;
}

export interface DigitsModel {
  readonly network: Network;
  readonly description: ModelDescription;
}

const FORMAT = 'ratchet-mlp';

/** The description comes last: a model directory with `model.json` is complete. */
export function writeModel(
  directory: string,
  network: Network,
  hyperparameters: DigitsHyperparameters,
): void {
  const description: ModelDescription = {
    format: FORMAT,
    formatVersion: 1,
    ...network.shape,
    activation: 'relu',
    scale: hyperparameters.scale,
    centre: 'row-mean',
    hyperparameters,
  };
  replaceFile(join(directory, 'weights.bin'), toLittleEndian(network.parameters));
  replaceFile(join(directory, 'model.json'), `${JSON.stringify(description, null, 2)}\n`);
}

/** Throws an Error that says which file is missing or does not fit. */
export function readModel(directory: string): DigitsModel {
  const description = JSON.parse(readFileSync(join(directory, 'model.json'), 'utf8')) as ModelDescription;
  if (description.format !== FORMAT || description.formatVersion !== 1) {
    const found = `${description.format} ${description.formatVersion}`;
    throw new Error(`model.json is of the format ${found}; this program reads ${FORMAT} 1`);
  }
  const { inputs, hidden, classes } = description;
  const shape = { inputs, hidden, classes };
  const bytes = readFileSync(join(directory, 'weights.bin'));
  const { size } = layoutOf(shape);
  if (bytes.length !== size * 4) {
    throw new Error(`weights.bin has ${bytes.length} bytes; model.json describes ${size} numbers of 4 bytes`);
  }
  return { network: withSums(shape, fromLittleEndian(bytes)), description };
}

function replaceFile(path: string, content: string | Uint8Array): void {
  writeFileSync(`${path}.tmp`, content);
  renameSync(`${path}.tmp`, path);
}

function toLittleEndian(values: Float64Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, at) => {
    view.setFloat32(at * 4, value, true);
  });
  return new Uint8Array(view.buffer);
}

function fromLittleEndian(bytes: Buffer): Float64Array {
  return Float64Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
}
