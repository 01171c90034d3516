import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import { mustFindModel } from '../models.ts';
import { parseS3Uri } from '../objects.ts';
import { mustFindConfig } from './config-actions.ts';
import type { FleetSpec, ProductionVariant, VariantSpec } from './record.ts';

const DEFAULT_STARTUP_S = 240;
const MIN_STARTUP_MS = 10_000;

/** Reads a configuration and its models into what a fleet is brought up from. Rejects when a part is missing. */
export async function fleetSpec(context: Context, configName: string): Promise<FleetSpec> {
  const { ProductionVariants, DataCaptureConfig } = mustFindConfig(context, configName).request;
  return {
    configName,
    variants: await Promise.all(ProductionVariants.map((variant) => variantSpec(context, variant))),
    ...(DataCaptureConfig ? { capture: DataCaptureConfig } : {}),
    resolvedAt: context.clock.now(),
  };
}

async function variantSpec(context: Context, variant: ProductionVariant): Promise<VariantSpec> {
  const { containers, mode } = mustFindModel(context, variant.ModelName);
  const etags = await Promise.all(
    containers.map(({ ModelDataUrl }) =>
      ModelDataUrl ? context.objects.etag(parseS3Uri(ModelDataUrl)) : '',
    ),
  );
  const key = createHash('sha256')
    .update(JSON.stringify({ containers, mode, etags }))
    .digest('hex')
    .slice(0, 16);
  const seconds = variant.ContainerStartupHealthCheckTimeoutInSeconds ?? DEFAULT_STARTUP_S;
  const startupTimeoutMs = Math.max(MIN_STARTUP_MS, (seconds * 1000) / context.clock.scale);
  return { name: variant.VariantName, containers, mode, key, startupTimeoutMs };
}
