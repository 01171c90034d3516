/** What `deploy.records` asks of `data`. */
import { blanksOf } from './blank-words.ts';
import { layOut } from './data-layout.ts';
import type {
  ColumnSpecification,
  DataSpecification,
  PipelineSpecification,
} from './pipeline-specification.ts';
import type { Finding } from './yaml-source.ts';

/** `features` lets applications send what the model sees: only where nothing must be done to a record for that. */
export function recordFindings({ data, deploy }: PipelineSpecification): readonly Finding[] {
  if (deploy.records === 'raw') return [];
  const obstacle = obstacleIn(data);
  if (obstacle === undefined) return [];
  const message = `"features" needs features that are exactly the declared columns but the target: ${obstacle}; leave it at "raw"`;
  return [{ path: ['deploy', 'records'], message }];
}

function obstacleIn(data: DataSpecification): string | undefined {
  if (data.derive.length > 0) return `"${data.derive[0]!.name}" is derived`;
  const { columns, features, target } = layOut(data);
  const sent = columns.filter((_, at) => at !== target);
  for (const { name, column } of sent) {
    const reason = shapes(data, column);
    if (reason !== undefined) return `"${name}" has ${reason}`;
  }
  const same = sent.length === features.length && sent.every(({ name }, at) => features[at]?.name === name);
  return same ? undefined : '"features" lists others, or in another order';
}

/** What is done to a column between the record and the model. */
function shapes(data: DataSpecification, column: ColumnSpecification): string | undefined {
  const { type, missing, outside } = column;
  if (type !== 'number' && type !== 'integer') return `the type ${type}`;
  if (blanksOf(data, column).length > 0) return '"blanks"';
  const shaping = (['bucket', 'scale', 'indicator', 'outliers'] as const).find((key) => column[key]);
  if (shaping) return `"${shaping}"`;
  if (outside !== undefined && outside !== 'quarantine') return `"outside: ${outside}"`;
  const filled = typeof missing === 'object' || ['mean', 'median', 'mode'].includes(missing ?? '');
  return filled ? 'a "missing" that is filled' : undefined;
}
