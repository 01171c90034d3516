import type { JsonAction } from '../../ports.ts';
import { arnOf, type Context } from '../context.ts';
import { mustFindModel } from '../models.ts';
import { parseS3Uri } from '../objects.ts';
import { invalid } from '../request.ts';
import { tagsOf } from '../tags.ts';
import { answerList, toWire } from '../wire.ts';
import type { EndpointConfig } from './record.ts';

export function mustFindConfig(context: Context, name: string): EndpointConfig {
  const config = context.store.get<EndpointConfig>('endpoint-config', name);
  if (!config)
    throw invalid(
      `Could not find endpoint configuration "${arnOf(context.identity, 'endpoint-config', name)}".`,
    );
  return config;
}

export function endpointConfigActions(context: Context): Record<string, JsonAction> {
  const { store, clock, identity } = context;

  function create(input: Record<string, unknown>): unknown {
    const name = String(input.EndpointConfigName);
    const { Tags, EndpointConfigName, ...rest } = input;
    const request = rest as unknown as EndpointConfig['request'];
    checkConfig(context, request);
    const arn = arnOf(identity, 'endpoint-config', name);
    if (store.get('endpoint-config', name))
      throw invalid(`Cannot create already existing endpoint configuration "${arn}".`);
    const config: EndpointConfig = { name, arn, CreationTime: clock.now(), request };
    store.put('endpoint-config', config);
    store.addTags(arn, tagsOf(input));
    return { EndpointConfigArn: arn };
  }

  const summary = (config: EndpointConfig) => ({
    EndpointConfigName: config.name,
    EndpointConfigArn: config.arn,
    CreationTime: config.CreationTime,
  });

  return {
    CreateEndpointConfig: create,
    DescribeEndpointConfig: (input) => {
      const config = mustFindConfig(context, String(input.EndpointConfigName));
      return toWire({ ...config.request, ...summary(config) });
    },
    DeleteEndpointConfig: (input) => {
      store.remove('endpoint-config', mustFindConfig(context, String(input.EndpointConfigName)));
      return {};
    },
    ListEndpointConfigs: (input) =>
      answerList(store.list<EndpointConfig>('endpoint-config'), input, {
        member: 'EndpointConfigs',
        summary,
        order: 'Descending',
      }),
  };
}

function checkConfig(context: Context, request: EndpointConfig['request']): void {
  const { ProductionVariants: variants, DataCaptureConfig: capture } = request;
  for (const variant of variants) {
    mustFindModel(context, variant.ModelName);
  }
  if (new Set(variants.map((variant) => variant.VariantName)).size < variants.length) {
    throw invalid('Variant names must be unique within an endpoint configuration.');
  }
  if (variants.every((variant) => variant.InitialVariantWeight === 0)) {
    throw invalid('At least one production variant must have a weight greater than 0.');
  }
  if (capture) parseS3Uri(capture.DestinationS3Uri);
}
