/** Endpoints, seen and changed with SageMaker. */
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type SageMakerClient,
  SageMakerServiceException,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { refusalOf } from './adapters-predictions.ts';
import type { EndpointChanges, EndpointConfig, EndpointState, Endpoints, OrderAnswer } from './ports.ts';

const isMissing = (error: unknown): boolean =>
  error instanceof SageMakerServiceException && error.name === 'ValidationException';

export function createEndpoints(client: SageMakerClient): Endpoints {
  return {
    describe: async (endpoint) => {
      try {
        const found = await client.send(new DescribeEndpointCommand({ EndpointName: endpoint }));
        return {
          status: statusOf(found.EndpointStatus),
          configName: found.EndpointConfigName ?? '',
          reason: found.FailureReason ?? '',
          weights: Object.fromEntries(
            (found.ProductionVariants ?? []).map((v) => [v.VariantName ?? '', v.CurrentWeight ?? 0]),
          ),
        };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
  };
}

function statusOf(status: string | undefined): EndpointState['status'] {
  switch (status) {
    case 'InService':
      return 'in-service';
    case 'Failed':
    case 'OutOfService':
    case 'UpdateRollbackFailed':
      return 'failed';
    default:
      return 'busy';
  }
}

export function createEndpointChanges(client: SageMakerClient): EndpointChanges {
  async function ensureConfig(config: EndpointConfig): Promise<void> {
    try {
      await client.send(new CreateEndpointConfigCommand(configRequest(config)));
    } catch (error) {
      // The name is the hash of the content: what is there under it is what we want.
      if (!(await configExists(config.name))) throw error;
    }
  }

  async function configExists(name: string): Promise<boolean> {
    try {
      await client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name }));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async function attempt(change: () => Promise<unknown>): Promise<OrderAnswer> {
    try {
      await change();
      return { kind: 'accepted' };
    } catch (error) {
      return refusalOf(error);
    }
  }

  return {
    create: (EndpointName, config) =>
      attempt(async () => {
        await ensureConfig(config);
        await client.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName: config.name }));
      }),
    replace: (EndpointName, config) =>
      attempt(async () => {
        await ensureConfig(config);
        await client.send(new UpdateEndpointCommand({ EndpointName, EndpointConfigName: config.name }));
      }),
    weigh: (EndpointName, weights) =>
      attempt(() =>
        client.send(
          new UpdateEndpointWeightsAndCapacitiesCommand({
            EndpointName,
            DesiredWeightsAndCapacities: Object.entries(weights).map(([VariantName, DesiredWeight]) => ({
              VariantName,
              DesiredWeight,
            })),
          }),
        ),
      ),
  };
}

/** Every configuration states exact weights and the same capture, so that a new fleet changes neither. */
function configRequest(config: EndpointConfig): CreateEndpointConfigCommand['input'] {
  return {
    EndpointConfigName: config.name,
    ProductionVariants: config.variants.map(({ model, weight }) => ({
      VariantName: model.name,
      ModelName: model.name,
      InitialInstanceCount: config.instances,
      InstanceType: config.instance as never,
      InitialVariantWeight: weight,
    })),
    ...(config.capturePercent > 0
      ? {
          DataCaptureConfig: {
            EnableCapture: true,
            InitialSamplingPercentage: config.capturePercent,
            DestinationS3Uri: config.captureTo,
            CaptureOptions: [{ CaptureMode: 'Input' as const }, { CaptureMode: 'Output' as const }],
            CaptureContentTypeHeader: {
              CsvContentTypes: ['text/csv'],
              JsonContentTypes: ['application/json', 'application/jsonlines', 'application/x-jsonlines'],
            },
          },
        }
      : {}),
  };
}
