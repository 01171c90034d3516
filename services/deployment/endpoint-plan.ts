/** From what the endpoint is and what it shall be: the next step. Pure. */
import { endpointConfigName } from '../../shared/contracts/names.ts';
import { s3Uri } from '../../shared/contracts/s3-uri.ts';
import type { DesiredEndpoint, DesiredVariant, Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { DeploymentSettings, EndpointConfig, EndpointState } from './ports.ts';

export type EndpointStep =
  | { readonly kind: 'settled' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'create' | 'replace'; readonly config: EndpointConfig }
  | { readonly kind: 'weigh'; readonly weights: Readonly<Record<string, number>> }
  | { readonly kind: 'give-up'; readonly reason: string };

/** An endpoint that was asked so often and still serves something else will not follow. */
const MOST_ATTEMPTS = 3;
const TOLERANCE = 1e-3;

export function planEndpoint(
  pipeline: Pipeline,
  observed: EndpointState | undefined,
  settings: DeploymentSettings,
): EndpointStep {
  const { desired } = pipeline;
  if (!desired || desired.variants.length === 0) return { kind: 'settled' };
  if (!observed)
    return limited(desired, observed, { kind: 'create', config: configOf(pipeline, desired, settings) });
  switch (observed.status) {
    case 'busy':
      return { kind: 'wait' };
    case 'failed':
      return {
        kind: 'give-up',
        reason: `The endpoint has failed and must be deleted by a person: ${observed.reason}`,
      };
    case 'in-service':
      if (follows(desired.variants, observed)) return { kind: 'settled' };
      return limited(desired, observed, change(pipeline, desired, observed, settings));
    default:
      return observed.status satisfies never;
  }
}

/** In service, with exactly the desired variants at the desired weights. A silent rollback to the old configuration
 * shows here: its variants are others. */
export function follows(variants: readonly DesiredVariant[], observed: EndpointState | undefined): boolean {
  if (observed?.status !== 'in-service' || !hasVariants(variants, observed)) return false;
  return variants.every(
    ({ model, weight }) => Math.abs((observed.weights[model.name] ?? -1) - weight) < TOLERANCE,
  );
}

function hasVariants(variants: readonly DesiredVariant[], observed: EndpointState): boolean {
  const names = Object.keys(observed.weights);
  return names.length === variants.length && variants.every(({ model }) => names.includes(model.name));
}

function limited(
  desired: DesiredEndpoint,
  observed: EndpointState | undefined,
  step: EndpointStep,
): EndpointStep {
  if (desired.attempts < MOST_ATTEMPTS) return step;
  const serving = observed ? `still serves ${Object.keys(observed.weights).join(' and ')}` : 'does not exist';
  const why = observed?.reason ? ` (${observed.reason})` : '';
  return { kind: 'give-up', reason: `After ${desired.attempts} updates the endpoint ${serving}${why}` };
}

function change(
  pipeline: Pipeline,
  desired: DesiredEndpoint,
  observed: EndpointState,
  settings: DeploymentSettings,
): EndpointStep {
  if (!hasVariants(desired.variants, observed))
    return { kind: 'replace', config: configOf(pipeline, desired, settings) };
  return {
    kind: 'weigh',
    weights: Object.fromEntries(desired.variants.map(({ model, weight }) => [model.name, weight])),
  };
}

function configOf(
  pipeline: Pipeline,
  desired: DesiredEndpoint,
  settings: DeploymentSettings,
): EndpointConfig {
  const { deploy, monitor } = pipeline.specification;
  const content = {
    variants: desired.variants,
    instance: deploy.instance,
    instances: deploy.instances,
    capturePercent: monitor.capture,
    captureTo: s3Uri(settings.artifactsBucket, 'captures'),
  };
  // The revision is part of the name: a configuration that once failed to come up is not asked for again.
  const name = endpointConfigName(settings.stage, pipeline.name, JSON.stringify([desired.revision, content]));
  return { name, ...content };
}
