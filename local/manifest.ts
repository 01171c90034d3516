/**
 * Every action that the embedded cloud answers, with who calls it: a folder of this repository, or a user by the
 * command or the client that is named. No caller, no action: what nobody calls is not offered.
 */
export interface Caller {
  /** A folder or file of the repository that sends the action's SDK command. */
  readonly code?: string;
  /** What a user does, by a documented client. */
  readonly user?: string;
}

const code = (...paths: readonly string[]): readonly Caller[] => paths.map((path) => ({ code: path }));
const user = (...commands: readonly string[]): readonly Caller[] =>
  commands.map((command) => ({ user: command }));

const UPLOAD = user('aws s3 cp of a large file, @aws-sdk/lib-storage');
const CONSUMER = user('a worker of their own on a queue (aws sqs, SDK)');
const OWN_RULE = user('a rule of their own on the lifecycle bus (aws events put-rule, put-targets)');
const TIDY_SAGEMAKER = user('aws sagemaker: looking at, stopping and deleting jobs, models and endpoints');

export const MANIFEST: Readonly<Record<string, Readonly<Record<string, readonly Caller[]>>>> = {
  s3: {
    AbortMultipartUpload: UPLOAD,
    CompleteMultipartUpload: UPLOAD,
    CopyObject: code('services/ingest'),
    CreateBucket: user('aws s3 mb'),
    CreateMultipartUpload: UPLOAD,
    DeleteBucket: user('aws s3 rb'),
    DeleteObject: [...code('services/ingest'), ...user('aws s3 rm, aws s3 mv')],
    DeleteObjects: user('aws s3 sync --delete by SDK'),
    GetBucketLocation: user('aws s3api get-bucket-location, boto3'),
    GetObject: code('services/ingest', 'services/monitoring', 'services/deployment', 'local/sagemaker'),
    GetObjectTagging: user('aws s3 cp or mv of a large object between keys'),
    HeadBucket: user('boto3 Bucket.load, aws s3api head-bucket'),
    HeadObject: code('services/ingest', 'local/sagemaker'),
    ListBuckets: user('aws s3 ls'),
    ListObjectVersions: code('services/ingest'),
    ListObjects: user('boto3 Bucket.objects.all()'),
    ListObjectsV2: code('services/monitoring', 'local/sagemaker'),
    PutObject: code(
      'services/ingest',
      'services/monitoring',
      'services/deployment',
      'local/sagemaker',
      'cli',
    ),
    UploadPart: UPLOAD,
    UploadPartCopy: user('aws s3 cp or mv of a large object between keys, boto3 copy'),
  },
  dynamodb: {
    BatchGetItem: code('shared/aws'),
    DescribeTable: user('aws dynamodb describe-table'),
    GetItem: code('shared/aws'),
    ListTables: user('aws dynamodb list-tables'),
    PutItem: code('shared/aws'),
    Query: code('shared/aws'),
    Scan: user('aws dynamodb scan, to look at the state'),
    UpdateItem: code('shared/aws'),
  },
  events: {
    DeleteRule: OWN_RULE,
    DescribeRule: OWN_RULE,
    DisableRule: OWN_RULE,
    EnableRule: OWN_RULE,
    ListEventBuses: user('aws events list-event-buses: finding the lifecycle bus'),
    ListRules: OWN_RULE,
    ListTargetsByRule: OWN_RULE,
    PutEvents: code('shared/aws'),
    PutRule: OWN_RULE,
    PutTargets: OWN_RULE,
    RemoveTargets: OWN_RULE,
    TestEventPattern: OWN_RULE,
  },
  sqs: {
    ChangeMessageVisibility: CONSUMER,
    ChangeMessageVisibilityBatch: CONSUMER,
    CreateQueue: OWN_RULE,
    DeleteMessage: CONSUMER,
    DeleteMessageBatch: CONSUMER,
    DeleteQueue: CONSUMER,
    GetQueueAttributes: user('aws sqs get-queue-attributes: how many events failed'),
    GetQueueUrl: CONSUMER,
    ListQueues: user('aws sqs list-queues'),
    PurgeQueue: user('aws sqs purge-queue: throwing failed events away'),
    ReceiveMessage: CONSUMER,
    SendMessage: code('services/deployment'),
    SendMessageBatch: user('putting failed events back (redrive by SDK)'),
    SetQueueAttributes: user('aws sqs set-queue-attributes: a policy for a rule of their own, redrive'),
  },
  lambda: {
    Invoke: user('aws lambda invoke: a sweep at once'),
    ListFunctions: user('aws lambda list-functions'),
  },
  logs: {
    DescribeLogGroups: user('ratchet logs'),
    DescribeLogStreams: user('aws logs describe-log-streams: the processes of a function'),
    FilterLogEvents: user('ratchet logs, aws logs tail --follow, aws logs filter-log-events'),
    GetLogEvents: user('aws logs get-log-events: one process’s log'),
  },
  sagemaker: {
    AddTags: TIDY_SAGEMAKER,
    CreateEndpoint: code('services/deployment'),
    CreateEndpointConfig: code('services/deployment'),
    CreateModel: code('services/deployment'),
    CreateProcessingJob: code('services/ingest'),
    CreateTrainingJob: code('services/training'),
    CreateTransformJob: code('services/deployment'),
    DeleteEndpoint: TIDY_SAGEMAKER,
    DeleteEndpointConfig: TIDY_SAGEMAKER,
    DeleteModel: TIDY_SAGEMAKER,
    DeleteTags: TIDY_SAGEMAKER,
    DeleteTrainingJob: TIDY_SAGEMAKER,
    DescribeEndpoint: code('services/deployment', 'services/status'),
    DescribeEndpointConfig: code('services/deployment'),
    DescribeModel: code('services/deployment'),
    DescribeProcessingJob: code('services/ingest'),
    DescribeTrainingJob: code('services/training'),
    DescribeTransformJob: code('services/deployment'),
    InvokeEndpoint: user('their application (SageMakerRuntimeClient, aws sagemaker-runtime)'),
    ListEndpointConfigs: TIDY_SAGEMAKER,
    ListEndpoints: TIDY_SAGEMAKER,
    ListModels: TIDY_SAGEMAKER,
    ListProcessingJobs: TIDY_SAGEMAKER,
    ListTags: code('shared/aws'),
    ListTrainingJobs: TIDY_SAGEMAKER,
    ListTransformJobs: TIDY_SAGEMAKER,
    StopProcessingJob: TIDY_SAGEMAKER,
    StopTrainingJob: TIDY_SAGEMAKER,
    StopTransformJob: TIDY_SAGEMAKER,
    UpdateEndpoint: code('services/deployment'),
    UpdateEndpointWeightsAndCapacities: code('services/deployment'),
  },
  monitoring: {
    GetMetricData: code('services/deployment'),
    PutMetricData: user('metrics of their own application (SDK, boto3, aws cloudwatch put-metric-data)'),
  },
  ecr: { DescribeImages: code('services/ingest') },
  sts: { GetCallerIdentity: user('aws sts get-caller-identity') },
};
