/**
 * What the packaged template may say and the embedded cloud leaves without effect, each with the reason. Anything
 * that stands neither here nor in resources.ts is refused.
 */
const NO_POLICIES = 'resource policies are not modelled: one person owns everything on one machine';
const NO_TAGS = 'nobody bills or searches by tags on one machine';
const NO_KMS = 'the disk belongs to the user; there is no key service';
const CONTAINERS = 'images are resolved to the programs under containers/, nothing is built or pushed';
const FOR_PEOPLE = 'a text for people';

export const MEANINGLESS_TYPES: Readonly<Record<string, string>> = {
  'AWS::Lambda::Permission': NO_POLICIES,
  'AWS::S3::BucketPolicy': NO_POLICIES,
  'AWS::SQS::QueuePolicy': NO_POLICIES,
};

/** A resource that the framework adds for itself. */
export const MEANINGLESS_RESOURCES: Readonly<Record<string, string>> = {
  ServerlessDeploymentBucket: 'holds the zips on AWS; here they are read from the package folder',
};

export const MEANINGLESS_PROPERTIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS::S3::Bucket': {
    BucketEncryption: NO_KMS,
    PublicAccessBlockConfiguration: 'listens on 127.0.0.1 only',
    OwnershipControls: 'there is one account',
    LifecycleConfiguration: 'nothing expires: the folder is the user’s to delete',
    Tags: NO_TAGS,
  },
  'AWS::DynamoDB::Table': {
    PointInTimeRecoverySpecification: 'the folder is the user’s to back up',
    SSESpecification: NO_KMS,
    TimeToLiveSpecification: 'AWS deletes within days, if at all; readers must look at the time themselves',
    DeletionProtectionEnabled: 'nothing here deletes a table',
    Tags: NO_TAGS,
  },
  'AWS::SQS::Queue': { SqsManagedSseEnabled: NO_KMS, KmsMasterKeyId: NO_KMS, Tags: NO_TAGS },
  'AWS::Events::EventBus': { Description: FOR_PEOPLE, Tags: NO_TAGS },
  'AWS::Events::Rule': { Description: FOR_PEOPLE, Tags: NO_TAGS },
  'AWS::Logs::LogGroup': { RetentionInDays: 'logs are files of the user', Tags: NO_TAGS },
  'AWS::IAM::Role': {
    AssumeRolePolicyDocument: 'the embedded cloud assumes roles for its own functions only',
    Description: FOR_PEOPLE,
    Tags: NO_TAGS,
  },
  'AWS::Lambda::Function': {
    Architectures: 'functions run on this machine’s processor',
    EphemeralStorage: 'a function has as much scratch space as the disk',
    Description: FOR_PEOPLE,
    Tags: NO_TAGS,
  },
  'AWS::ApiGatewayV2::Api': {
    Description: FOR_PEOPLE,
    DisableExecuteApiEndpoint: 'there is no other endpoint',
    Tags: NO_TAGS,
  },
  'AWS::ApiGatewayV2::Stage': {
    AutoDeploy: 'the package is the deployment',
    DefaultRouteSettings: 'no metrics or throttling of the API on one machine',
    Tags: NO_TAGS,
  },
  'AWS::ECR::Repository': {
    ImageScanningConfiguration: CONTAINERS,
    ImageTagMutability: CONTAINERS,
    LifecyclePolicy: CONTAINERS,
    EncryptionConfiguration: NO_KMS,
    Tags: NO_TAGS,
  },
  'AWS::CodeBuild::Project': {
    Description: FOR_PEOPLE,
    ServiceRole: CONTAINERS,
    Artifacts: CONTAINERS,
    TimeoutInMinutes: CONTAINERS,
    Environment: CONTAINERS,
    Source: CONTAINERS,
    Tags: NO_TAGS,
  },
};
