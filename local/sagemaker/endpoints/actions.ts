import type { JsonAction } from '../../ports.ts';
import { arnOf, type Context } from '../context.ts';
import { invalid } from '../request.ts';
import { tagsOf } from '../tags.ts';
import { answerList, toWire } from '../wire.ts';
import { mustFindConfig } from './config-actions.ts';
import type { Deployer } from './deployer.ts';
import { type Endpoint, endpointEvent, statesOf, type VariantStates } from './record.ts';

interface DesiredWeightAndCapacity {
  readonly VariantName: string;
  readonly DesiredWeight?: number;
  readonly DesiredInstanceCount?: number;
}

export function endpointActions(context: Context, deployer: Deployer): Record<string, JsonAction> {
  const { store, clock, identity } = context;

  function mustFind(name: string): Endpoint {
    const endpoint = store.get<Endpoint>('endpoint', name);
    if (!endpoint) throw invalid(`Could not find endpoint "${arnOf(identity, 'endpoint', name)}".`);
    return endpoint;
  }

  function mustBeSettled(endpoint: Endpoint, action: 'update' | 'delete'): void {
    const { EndpointStatus: status, arn } = endpoint;
    if (status === 'InService' || (status === 'Failed' && action === 'delete')) return;
    if (status === 'Failed') throw invalid(`Cannot update failed endpoint "${arn}".`);
    throw invalid(`Cannot update in-progress endpoint "${arn}".`);
  }

  function save(endpoint: Endpoint): void {
    const changed = { ...endpoint, LastModifiedTime: clock.now() };
    context.save('endpoint', changed, endpointEvent(changed, store.tags(changed.arn)));
  }

  function create(input: Record<string, unknown>): unknown {
    const name = String(input.EndpointName);
    const config = mustFindConfig(context, String(input.EndpointConfigName));
    const arn = arnOf(identity, 'endpoint', name);
    if (store.get('endpoint', name)) throw invalid(`Cannot create already existing endpoint "${arn}".`);
    const now = clock.now();
    const states = statesOf(config.request.ProductionVariants);
    const pending = { configName: config.name, states, StartTime: now };
    store.addTags(arn, tagsOf(input));
    save({
      name,
      arn,
      CreationTime: now,
      LastModifiedTime: now,
      EndpointStatus: 'Creating',
      states,
      pending,
    });
    deployer.deploy(name);
    return { EndpointArn: arn };
  }

  function update(input: Record<string, unknown>): unknown {
    const name = String(input.EndpointName);
    const endpoint = mustFind(name);
    const config = mustFindConfig(context, String(input.EndpointConfigName));
    mustBeSettled(endpoint, 'update');
    const fresh = statesOf(config.request.ProductionVariants);
    const states =
      input.RetainAllVariantProperties === true ? retained(fresh, endpoint.states, excluded(input)) : fresh;
    const pending = { configName: config.name, states, StartTime: clock.now() };
    const { FailureReason, ...healthy } = endpoint;
    save({ ...healthy, EndpointStatus: 'Updating', pending });
    deployer.deploy(name);
    return { EndpointArn: endpoint.arn };
  }

  function updateWeights(input: Record<string, unknown>): unknown {
    const endpoint = mustFind(String(input.EndpointName));
    mustBeSettled(endpoint, 'update');
    const states = desired(endpoint, input.DesiredWeightsAndCapacities as DesiredWeightAndCapacity[]);
    save({ ...endpoint, states, EndpointStatus: 'Updating' });
    deployer.applyWeights(endpoint.name);
    return { EndpointArn: endpoint.arn };
  }

  function remove(input: Record<string, unknown>): unknown {
    const endpoint = mustFind(String(input.EndpointName));
    mustBeSettled(endpoint, 'delete');
    save({ ...endpoint, EndpointStatus: 'Deleting' });
    deployer.remove(endpoint.name);
    return {};
  }

  return {
    CreateEndpoint: create,
    DescribeEndpoint: (input) => describe(mustFind(String(input.EndpointName))),
    UpdateEndpoint: update,
    UpdateEndpointWeightsAndCapacities: updateWeights,
    DeleteEndpoint: remove,
    ListEndpoints: (input) =>
      answerList(store.list<Endpoint>('endpoint'), input, {
        member: 'Endpoints',
        status: (endpoint: Endpoint) => endpoint.EndpointStatus,
        summary: ({ name, arn, CreationTime, LastModifiedTime, EndpointStatus }: Endpoint) => ({
          EndpointName: name,
          EndpointArn: arn,
          CreationTime,
          LastModifiedTime,
          EndpointStatus,
        }),
        order: 'Descending',
      }),
  };
}

function desired(endpoint: Endpoint, wanted: readonly DesiredWeightAndCapacity[]): VariantStates {
  const states = { ...endpoint.states };
  for (const { VariantName: name, DesiredWeight, DesiredInstanceCount } of wanted) {
    const state = Object.hasOwn(states, name) ? states[name] : undefined;
    if (!state) {
      throw invalid(
        `The variant name(s) "${name}" is/are not present within endpoint configuration "${endpoint.fleet?.configName}".`,
      );
    }
    states[name] = {
      ...state,
      DesiredWeight: DesiredWeight ?? state.DesiredWeight,
      DesiredInstanceCount: DesiredInstanceCount ?? state.DesiredInstanceCount,
    };
  }
  if (Object.values(states).every((state) => state.DesiredWeight === 0)) {
    throw invalid('At least one production variant must have a weight greater than 0.');
  }
  return states;
}

function excluded(input: Record<string, unknown>): Set<string> {
  const properties = (input.ExcludeRetainedVariantProperties ?? []) as { VariantPropertyType: string }[];
  return new Set(properties.map((property) => property.VariantPropertyType));
}

function retained(fresh: VariantStates, old: VariantStates, except: Set<string>): VariantStates {
  return Object.fromEntries(
    Object.entries(fresh).map(([name, state]) => {
      const kept = old[name];
      if (!kept) return [name, state];
      const weight = except.has('DesiredWeight') ? state.DesiredWeight : kept.DesiredWeight;
      const count = except.has('DesiredInstanceCount')
        ? state.DesiredInstanceCount
        : kept.DesiredInstanceCount;
      return [
        name,
        {
          CurrentWeight: weight,
          DesiredWeight: weight,
          CurrentInstanceCount: count,
          DesiredInstanceCount: count,
        },
      ];
    }),
  );
}

function describe(endpoint: Endpoint): unknown {
  const { fleet, pending, states } = endpoint;
  const capture = fleet?.capture;
  const variants = fleet?.variants.map((variant) => ({
    VariantName: variant.name,
    ...states[variant.name],
    DeployedImages: variant.containers.map(({ Image }) => ({
      SpecifiedImage: Image,
      ResolvedImage: Image,
      ResolutionTime: fleet.resolvedAt,
    })),
  }));
  return toWire({
    EndpointName: endpoint.name,
    EndpointArn: endpoint.arn,
    EndpointConfigName: fleet?.configName ?? pending?.configName,
    EndpointStatus: endpoint.EndpointStatus,
    CreationTime: endpoint.CreationTime,
    LastModifiedTime: endpoint.LastModifiedTime,
    FailureReason: endpoint.FailureReason,
    ProductionVariants: variants,
    DataCaptureConfig: capture && {
      EnableCapture: capture.EnableCapture ?? false,
      CaptureStatus: capture.EnableCapture ? 'Started' : 'Stopped',
      CurrentSamplingPercentage: capture.InitialSamplingPercentage,
      DestinationS3Uri: capture.DestinationS3Uri,
      KmsKeyId: capture.KmsKeyId ?? '',
    },
    PendingDeploymentSummary:
      pending && endpoint.EndpointStatus !== 'Failed'
        ? { EndpointConfigName: pending.configName, StartTime: pending.StartTime }
        : undefined,
  });
}
