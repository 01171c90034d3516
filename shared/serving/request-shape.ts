import { layOut } from '../contracts/data-layout.ts';
import { shortHash } from '../contracts/names.ts';
import type { PipelineSpecification } from '../contracts/pipeline-specification.ts';

/** What applications send: raw records, or what the model sees; with these columns, by position in CSV. */
export interface RequestShape {
  readonly records: PipelineSpecification['deploy']['records'];
  readonly columns: readonly string[];
}

export function requestShape({ data, deploy }: Pick<PipelineSpecification, 'data' | 'deploy'>): RequestShape {
  const { columns, features, target } = layOut(data);
  if (deploy.records === 'raw')
    return { records: 'raw', columns: columns.filter((_, at) => at !== target).map(({ name }) => name) };
  // A specification that was declared before there was the choice says nothing.
  return { records: 'features', columns: features.map(({ name }) => name) };
}

/** Two models with equal digests can answer the same requests, and so share an endpoint. */
export const shapeDigest = ({ records, columns }: RequestShape): string =>
  shortHash(JSON.stringify([records, ...columns]), 16);
