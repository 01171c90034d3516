import type { Context } from '../context.ts';
import { parseImageUri } from '../images.ts';
import { parseS3Uri } from '../objects.ts';
import { invalid } from '../request.ts';
import { checkpointFolder } from './checkpoints.ts';
import { mustBeReadable } from './inputs.ts';
import type { TrainingRequest } from './job.ts';

/** Throws AWS's ValidationException for what a schema cannot tell of a CreateTrainingJob request. */
export function checkTraining(context: Context, request: TrainingRequest): void {
  const { AlgorithmSpecification: algorithm, OutputDataConfig, ResourceConfig } = request;
  const image = algorithm?.TrainingImage;
  if (!image) throw invalid('AlgorithmSpecification.TrainingImage is required by the embedded cloud.');
  mustBeAnImage(context, image, request.RoleArn);
  if ((ResourceConfig?.InstanceCount ?? 1) > 1)
    throw invalid('ResourceConfig.InstanceCount above 1 is not offered by the embedded cloud.');
  if (OutputDataConfig.CompressionType === 'NONE')
    throw invalid('OutputDataConfig.CompressionType NONE is not offered by the embedded cloud.');
  for (const { Name, Regex } of algorithm.MetricDefinitions ?? []) checkRegex(Name, Regex);
  parseS3Uri(OutputDataConfig.S3OutputPath);
  checkSpot(request);
  checkChannels(request);
}

function checkChannels({ InputDataConfig = [], AlgorithmSpecification: algorithm }: TrainingRequest): void {
  const names = new Set<string>();
  for (const { ChannelName, DataSource, InputMode = algorithm.TrainingInputMode } of InputDataConfig) {
    if (/^\.+$/.test(ChannelName)) throw invalid(`Channel name "${ChannelName}" cannot be a folder's name.`);
    if (names.has(ChannelName)) throw invalid(`Duplicate channel name: ${ChannelName}`);
    names.add(ChannelName);
    if (InputMode !== 'File')
      throw invalid(`Input mode ${InputMode} is not offered by the embedded cloud; use File.`);
    if (!DataSource.S3DataSource)
      throw invalid(`Channel ${ChannelName}: only S3DataSource is offered by the embedded cloud.`);
    mustBeReadable(DataSource.S3DataSource);
  }
}

function checkSpot(request: TrainingRequest): void {
  const { MaxRuntimeInSeconds = 86_400, MaxWaitTimeInSeconds: wait } = request.StoppingCondition ?? {};
  if (request.EnableManagedSpotTraining === true) {
    if (wait === undefined || wait < MaxRuntimeInSeconds)
      throw invalid(
        'Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds',
      );
  } else if (wait !== undefined)
    throw invalid(
      'Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set.',
    );
  if (!request.CheckpointConfig) return;
  parseS3Uri(request.CheckpointConfig.S3Uri);
  if (!checkpointFolder(request.CheckpointConfig, '/'))
    throw invalid('CheckpointConfig.LocalPath must lie under /opt/ml/ in the embedded cloud.');
}

function checkRegex(name: string, text: string): void {
  try {
    new RegExp(text);
  } catch {
    throw invalid(`The regular expression of metric ${name} is not valid: ${text}`);
  }
}

/** Throws ValidationException for an image that stands for no program here. */
export function mustBeAnImage(context: Context, uri: string, role: string): void {
  if (context.resolveImage(uri)) return;
  const image = parseImageUri(uri);
  throw invalid(
    `Cannot find repository: ${image?.repository ?? uri} in registry ID: ${image?.account ?? 'unknown'} Please check if your ECR repository exists and role ${role} has proper pull permissions for SageMaker: ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer`,
  );
}
