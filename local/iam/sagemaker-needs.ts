import type { Identity } from '../ports.ts';
import type { Need } from './evaluate.ts';

/** By what an operation's name ends in: the kind in ARNs and the member that names the resource. */
const RESOURCES: readonly (readonly [noun: RegExp, kind: string, member: string])[] = [
  [/TrainingJob$/, 'training-job', 'TrainingJobName'],
  [/TransformJob$/, 'transform-job', 'TransformJobName'],
  [/ProcessingJob$/, 'processing-job', 'ProcessingJobName'],
  [/Model$/, 'model', 'ModelName'],
  [/(Create|Update)Endpoint$/, 'endpoint-config', 'EndpointConfigName'],
  [/EndpointConfig$/, 'endpoint-config', 'EndpointConfigName'],
  [/Endpoint(WeightsAndCapacities)?$/, 'endpoint', 'EndpointName'],
];

/** The operation itself on each resource that it names; AddTags when the request brings tags, and PassRole when it
 * hands SageMaker a role. */
export function sageMakerNeeds(
  call: { readonly operation: string; readonly input: Readonly<Record<string, unknown>> },
  { region, account }: Identity,
): Need[] {
  const { operation, input } = call;
  const named = RESOURCES.filter(([noun, , member]) => noun.test(operation) && input[member] !== undefined);
  const arns = named.map(
    ([, kind, member]) => `arn:aws:sagemaker:${region}:${account}:${kind}/${input[member]}`,
  );
  const tagged = typeof input.ResourceArn === 'string' ? [input.ResourceArn] : [];
  const resources = [...arns, ...tagged];
  const action = `sagemaker:${operation}`;
  const needs: Need[] = (resources.length > 0 ? resources : ['*']).map((resource) => ({ action, resource }));
  if (Array.isArray(input.Tags) && input.Tags.length > 0 && operation.startsWith('Create'))
    needs.push({ action: 'sagemaker:AddTags', resource: resources.at(-1) ?? '*' });
  const role = input.RoleArn ?? input.ExecutionRoleArn;
  if (typeof role === 'string') {
    const context = { 'iam:passedtoservice': 'sagemaker.amazonaws.com' };
    needs.push({ action: 'iam:PassRole', resource: role, context });
  }
  return needs;
}
