import * as sdk from '@aws-sdk/client-sagemaker';
import type { Constraint } from './constraint.ts';

const oneOf = (values: object): Constraint => ({ values: Object.values(values) });

const NAME = '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}';
const JOB_NAME: Constraint = { length: [1, 63], pattern: NAME };
const JOB_NAME_PART: Constraint = { length: [0, 63], pattern: '[a-zA-Z0-9\\-]+' };
const RESOURCE_NAME: Constraint = { length: [0, 63], pattern: NAME };
const S3_URI: Constraint = { length: [0, 1024], pattern: '(https|s3)://([^/]+)/?(.*)' };
const KMS_KEY: Constraint = { length: [0, 2048], pattern: '[a-zA-Z0-9:/_-]*' };
const MEDIA_TYPE: Constraint = {
  length: [1, 256],
  pattern: '[a-zA-Z0-9](-*[a-zA-Z0-9])*\\/[a-zA-Z0-9](-*[a-zA-Z0-9.])*',
};
const TAG_TEXT = '([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)';
const TAG_KEY: Constraint = { length: [1, 128], pattern: TAG_TEXT };
const ROLE: Constraint = {
  length: [20, 2048],
  pattern: 'arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+',
};
const TEXT_OF = (most: number): Constraint => ({ length: [0, most], pattern: '.*' });
const ENVIRONMENT_NAME = '[a-zA-Z_][a-zA-Z0-9_]*';
const ANY_TEXT = '[\\S\\s]*';

/**
 * What AWS's public model of SageMaker (service 2017-07-24) asks of the members that this service reads, beyond
 * their type; the SDK's schemas leave it out. By `Structure.member`, else by `member` alone where it means the same everywhere. A list's items stand under
 * `member[]`, a map's keys and values under `member{key}` and `member{value}`.
 */
export const CONSTRAINTS: Readonly<Record<string, Constraint>> = {
  TrainingJobName: JOB_NAME,
  TransformJobName: JOB_NAME,
  ProcessingJobName: JOB_NAME,
  ModelName: { length: [0, 63], pattern: '[a-zA-Z0-9]([\\-a-zA-Z0-9]*[a-zA-Z0-9])?' },
  EndpointConfigName: RESOURCE_NAME,
  EndpointName: RESOURCE_NAME,
  VariantName: RESOURCE_NAME,
  ContainerHostname: RESOURCE_NAME,
  RoleArn: ROLE,
  ExecutionRoleArn: ROLE,
  KmsKeyId: KMS_KEY,
  VolumeKmsKeyId: KMS_KEY,

  HyperParameters: { length: [0, 100] },
  'HyperParameters{key}': TEXT_OF(256),
  'HyperParameters{value}': TEXT_OF(2500),
  TrainingImage: TEXT_OF(255),
  TrainingInputMode: oneOf(sdk.TrainingInputMode),
  MetricDefinitions: { length: [0, 40] },
  'MetricDefinition.Name': { length: [1, 255], pattern: '.+' },
  'MetricDefinition.Regex': { length: [1, 500], pattern: '.+' },
  ContainerEntrypoint: { length: [1, 100] },
  'ContainerEntrypoint[]': TEXT_OF(256),
  ContainerArguments: { length: [1, 100] },
  'ContainerArguments[]': TEXT_OF(256),
  InputDataConfig: { length: [1, 20] },
  ChannelName: { length: [1, 64], pattern: '[A-Za-z0-9\\.\\-_]+' },
  InputMode: oneOf(sdk.TrainingInputMode),
  'S3DataSource.S3DataType': oneOf(sdk.S3DataType),
  'TransformS3DataSource.S3DataType': oneOf(sdk.S3DataType),
  S3DataDistributionType: oneOf(sdk.S3DataDistribution),
  S3Uri: S3_URI,
  S3OutputPath: S3_URI,
  ContentType: TEXT_OF(256),
  Accept: TEXT_OF(256),
  RecordWrapperType: oneOf(sdk.RecordWrapper),
  CompressionType: oneOf(sdk.CompressionType),
  'OutputDataConfig.CompressionType': oneOf(sdk.OutputCompressionType),
  'ResourceConfig.InstanceType': oneOf(sdk.TrainingInstanceType),
  'ResourceConfig.InstanceCount': { range: [0] },
  'ResourceConfig.VolumeSizeInGB': { range: [0] },
  KeepAlivePeriodInSeconds: { range: [0, 21_600] },
  MaxRuntimeInSeconds: { range: [1] },
  MaxWaitTimeInSeconds: { range: [1] },
  MaxPendingTimeInSeconds: { range: [1800, 2_419_200] },
  MaximumRetryAttempts: { range: [1, 30] },
  LocalPath: TEXT_OF(4096),
  'CreateTrainingJobRequest.Environment': { length: [0, 100] },
  'CreateTrainingJobRequest.Environment{key}': { length: [0, 512], pattern: ENVIRONMENT_NAME },
  'CreateTrainingJobRequest.Environment{value}': { length: [0, 512], pattern: ANY_TEXT },

  MaxConcurrentTransforms: { range: [0] },
  MaxPayloadInMB: { range: [0] },
  InvocationsTimeoutInSeconds: { range: [1, 3600] },
  InvocationsMaxRetries: { range: [0, 3] },
  BatchStrategy: oneOf(sdk.BatchStrategy),
  SplitType: oneOf(sdk.SplitType),
  AssembleWith: oneOf(sdk.AssemblyType),
  JoinSource: oneOf(sdk.JoinSource),
  InputFilter: { length: [0, 63] },
  OutputFilter: { length: [0, 63] },
  'TransformResources.InstanceType': oneOf(sdk.TransformInstanceType),
  'TransformResources.InstanceCount': { range: [1] },
  'CreateTransformJobRequest.Environment': { length: [0, 16] },
  'CreateTransformJobRequest.Environment{key}': {
    length: [0, 1024],
    pattern: '[a-zA-Z_][a-zA-Z0-9_]{0,1023}',
  },
  'CreateTransformJobRequest.Environment{value}': { length: [0, 10_240], pattern: ANY_TEXT },

  ImageUri: TEXT_OF(255),
  ProcessingInputs: { length: [0, 10] },
  Outputs: { length: [0, 10] },
  'ProcessingS3Input.LocalPath': TEXT_OF(256),
  'ProcessingS3Output.LocalPath': TEXT_OF(256),
  'ProcessingS3Input.S3DataType': oneOf(sdk.ProcessingS3DataType),
  S3InputMode: oneOf(sdk.ProcessingS3InputMode),
  'ProcessingS3Input.S3DataDistributionType': oneOf(sdk.ProcessingS3DataDistributionType),
  S3CompressionType: oneOf(sdk.ProcessingS3CompressionType),
  S3UploadMode: oneOf(sdk.ProcessingS3UploadMode),
  'ProcessingClusterConfig.InstanceType': oneOf(sdk.ProcessingInstanceType),
  'ProcessingClusterConfig.InstanceCount': { range: [1, 100] },
  'ProcessingClusterConfig.VolumeSizeInGB': { range: [1, 16_384] },
  'ProcessingStoppingCondition.MaxRuntimeInSeconds': { range: [1, 777_600] },
  'CreateProcessingJobRequest.Environment': { length: [0, 100] },
  'CreateProcessingJobRequest.Environment{key}': { length: [0, 256], pattern: ENVIRONMENT_NAME },
  'CreateProcessingJobRequest.Environment{value}': { length: [0, 256], pattern: ANY_TEXT },

  Containers: { length: [0, 15] },
  Image: { length: [0, 255], pattern: '[\\S]+' },
  ModelDataUrl: S3_URI,
  'ContainerDefinition.Environment': { length: [0, 100] },
  'ContainerDefinition.Environment{key}': { length: [0, 1024], pattern: ENVIRONMENT_NAME },
  'ContainerDefinition.Environment{value}': { length: [0, 1024], pattern: ANY_TEXT },
  'InferenceExecutionConfig.Mode': oneOf(sdk.InferenceExecutionMode),

  ProductionVariants: { length: [1, 10] },
  InitialInstanceCount: { range: [1] },
  InitialVariantWeight: { range: [0] },
  'ProductionVariant.InstanceType': oneOf(sdk.ProductionVariantInstanceType),
  'ProductionVariant.VolumeSizeInGB': { range: [1, 512] },
  ModelDataDownloadTimeoutInSeconds: { range: [60, 3600] },
  ContainerStartupHealthCheckTimeoutInSeconds: { range: [60, 3600] },
  InitialSamplingPercentage: { range: [0, 100] },
  DestinationS3Uri: { length: [0, 512], pattern: '(https|s3)://([^/])/?(.*)' },
  CaptureOptions: { length: [1, 32] },
  CaptureMode: oneOf(sdk.CaptureMode),
  CsvContentTypes: { length: [1, 10] },
  'CsvContentTypes[]': MEDIA_TYPE,
  JsonContentTypes: { length: [1, 10] },
  'JsonContentTypes[]': MEDIA_TYPE,

  ExcludeRetainedVariantProperties: { length: [0, 3] },
  VariantPropertyType: oneOf(sdk.VariantPropertyType),
  DesiredWeightsAndCapacities: { length: [1, Number.POSITIVE_INFINITY] },
  DesiredWeight: { range: [0] },
  DesiredInstanceCount: { range: [0] },

  MaxResults: { range: [1, 100] },
  'ListTagsInput.MaxResults': { range: [50] },
  NameContains: { length: [0, 63], pattern: '[a-zA-Z0-9-]+' },
  'ListTrainingJobsRequest.NameContains': JOB_NAME_PART,
  'ListTransformJobsRequest.NameContains': JOB_NAME_PART,
  NextToken: TEXT_OF(8192),
  SortBy: oneOf(sdk.SortBy),
  'ListModelsInput.SortBy': oneOf(sdk.ModelSortKey),
  'ListEndpointConfigsInput.SortBy': oneOf(sdk.EndpointConfigSortKey),
  SortOrder: oneOf(sdk.SortOrder),
  'ListTrainingJobsRequest.StatusEquals': oneOf(sdk.TrainingJobStatus),
  'ListTransformJobsRequest.StatusEquals': oneOf(sdk.TransformJobStatus),
  'ListProcessingJobsRequest.StatusEquals': oneOf(sdk.ProcessingJobStatus),
  'ListEndpointsInput.StatusEquals': oneOf(sdk.EndpointStatus),

  ResourceArn: { length: [0, 256], pattern: 'arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:.+' },
  Tags: { length: [0, 50] },
  'Tag.Key': TAG_KEY,
  'Tag.Value': { length: [0, 256], pattern: TAG_TEXT },
  TagKeys: { length: [1, 50] },
  'TagKeys[]': TAG_KEY,
};
