import { invalid } from './request.ts';

/**
 * Members that AWS takes and that would change here what a job or an endpoint does, so that to pass over them would
 * deceive: they are refused by name. Members that need no answer on one machine (networks, keys, profilers) are kept
 * and described.
 */
const NOT_OFFERED: Readonly<Record<string, readonly string[]>> = {
  CreateTrainingJob: [
    'AlgorithmSpecification.AlgorithmName',
    'AlgorithmSpecification.ContainerEntrypoint',
    'ResourceConfig.InstanceGroups',
    'ResourceConfig.TrainingPlanArn',
    'ModelPackageConfig',
    'ServerlessJobConfig',
    'InputDataConfig.DataSource.FileSystemDataSource',
    'InputDataConfig.DataSource.DatasetSource',
  ],
  CreateModel: [
    'PrimaryContainer.ModelPackageName',
    'PrimaryContainer.ModelDataSource',
    'PrimaryContainer.MultiModelConfig',
    'PrimaryContainer.InferenceSpecificationName',
    'Containers.ModelPackageName',
    'Containers.ModelDataSource',
    'Containers.MultiModelConfig',
    'Containers.InferenceSpecificationName',
  ],
  CreateEndpointConfig: [
    'AsyncInferenceConfig',
    'ShadowProductionVariants',
    'ExplainerConfig',
    'ProductionVariants.ServerlessConfig',
    'ProductionVariants.InstancePools',
    'ProductionVariants.ManagedInstanceScaling',
  ],
  CreateTransformJob: ['DataCaptureConfig'],
  CreateProcessingJob: [
    'ProcessingInputs.DatasetDefinition',
    'ProcessingOutputConfig.Outputs.FeatureStoreOutput',
  ],
  UpdateEndpoint: ['DeploymentConfig'],
};

/** Throws ValidationException for a member that is not offered. */
export function refuseNotOffered(operation: string, input: Record<string, unknown>): void {
  const found = NOT_OFFERED[operation]?.find((path) => holds(input, path.split('.')));
  if (found) throw invalid(`${found} is not offered by the embedded cloud.`);
}

function holds(value: unknown, [member, ...rest]: string[]): boolean {
  if (Array.isArray(value)) return value.some((each) => holds(each, [member!, ...rest]));
  const inner = (value as Record<string, unknown> | undefined)?.[member!];
  return rest.length === 0 ? inner !== undefined : inner !== undefined && holds(inner, rest);
}

/** Says on the log that keys are not used: what is written here is not encrypted by SageMaker. */
export function warnOfKeys(operation: string, input: Record<string, unknown>): void {
  const keys = new Set<string>();
  JSON.stringify(input, (member, value) => {
    if (member.endsWith('KmsKeyId') && value !== '') keys.add(member);
    return value;
  });
  for (const key of keys)
    console.warn(`${operation}: ${key} is ignored, nothing is encrypted on this machine.`);
}
