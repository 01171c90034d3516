/**
 * What the packaged template may say and the embedded cloud leaves without effect, each with the reason. What stands
 * neither here nor is asked for by a reader (resources.ts) is refused.
 */
const NO_RESOURCE_POLICIES = 'resource policies are not modelled: one person owns everything on one machine';
const NO_TAGS = 'nobody bills or searches by tags on one machine';
const NO_KMS = 'the disk belongs to the user; there is no key service';
const CONTAINERS = 'images are resolved to the programs under containers/, nothing is built or pushed';
const FOR_PEOPLE = 'a text for people';
const PACKAGED = 'the zips are read from the package folder';
const NO_ORDER = 'everything is made at once';
const NOTHING_DELETED = 'the folder is the user’s to delete';

/** Types that may be referred to, and are nothing here. */
export const MEANINGLESS_TYPES: Readonly<Record<string, string>> = {
  'AWS::Lambda::Permission': NO_RESOURCE_POLICIES,
  'AWS::Lambda::LayerVersionPermission': NO_RESOURCE_POLICIES,
  'AWS::S3::BucketPolicy': NO_RESOURCE_POLICIES,
  'AWS::SQS::QueuePolicy': NO_RESOURCE_POLICIES,
  'AWS::Logs::LogGroup': 'a function’s log is a file of the user, made when the function runs',
  'AWS::ECR::Repository': CONTAINERS,
  'AWS::CodeBuild::Project': CONTAINERS,
};

/** Resources that the framework adds for itself. */
export const MEANINGLESS_RESOURCES: Readonly<Record<string, string>> = {
  ServerlessDeploymentBucket: PACKAGED,
};

/** By the type, or by the path within one (`AWS::Lambda::Function.Code`). */
export const MEANINGLESS_PROPERTIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Template: { AWSTemplateFormatVersion: 'there is only one', Description: FOR_PEOPLE },
  Output: { Description: FOR_PEOPLE, Export: 'there is no other stack' },
  Resource: {
    DependsOn: NO_ORDER,
    DeletionPolicy: NOTHING_DELETED,
    UpdateReplacePolicy: NOTHING_DELETED,
    Metadata: FOR_PEOPLE,
  },
  'AWS::S3::Bucket': {
    BucketEncryption: NO_KMS,
    PublicAccessBlockConfiguration: 'listens on 127.0.0.1 only',
    OwnershipControls: 'there is one account',
    LifecycleConfiguration: NOTHING_DELETED,
    Tags: NO_TAGS,
  },
  'AWS::DynamoDB::Table': {
    PointInTimeRecoverySpecification: 'the folder is the user’s to back up',
    SSESpecification: NO_KMS,
    TimeToLiveSpecification: 'AWS deletes within days, if at all; readers must look at the time themselves',
    DeletionProtectionEnabled: NOTHING_DELETED,
    Tags: NO_TAGS,
  },
  'AWS::SQS::Queue': { SqsManagedSseEnabled: NO_KMS, KmsMasterKeyId: NO_KMS, Tags: NO_TAGS },
  'AWS::Events::EventBus': { Description: FOR_PEOPLE, Tags: NO_TAGS },
  'AWS::Events::Rule': { Description: FOR_PEOPLE, Tags: NO_TAGS },
  'AWS::IAM::Role': {
    AssumeRolePolicyDocument: 'the embedded cloud assumes roles for its own functions only',
    Description: FOR_PEOPLE,
    Tags: NO_TAGS,
  },
  'AWS::IAM::Role.Policies': { PolicyName: FOR_PEOPLE },
  'AWS::IAM::Policy': { PolicyName: FOR_PEOPLE },
  Policy: { Id: FOR_PEOPLE },
  'Policy.Statement': { Sid: FOR_PEOPLE },
  'AWS::Lambda::Function': {
    Architectures: 'functions run on this machine’s processor',
    EphemeralStorage: 'a function has as much scratch space as the disk',
    Description: FOR_PEOPLE,
    Tags: NO_TAGS,
  },
  'AWS::Lambda::Function.Code': { S3Bucket: PACKAGED },
  'AWS::Lambda::LayerVersion': {
    CompatibleArchitectures: 'a hint for people who choose a layer',
    CompatibleRuntimes: 'a hint for people who choose a layer',
    Description: FOR_PEOPLE,
    LicenseInfo: FOR_PEOPLE,
  },
  'AWS::Lambda::LayerVersion.Content': { S3Bucket: PACKAGED },
  'AWS::ApiGatewayV2::Api': {
    Name: FOR_PEOPLE,
    Description: FOR_PEOPLE,
    DisableExecuteApiEndpoint: 'there is no other endpoint',
    Tags: NO_TAGS,
  },
  'AWS::ApiGatewayV2::Stage': {
    AutoDeploy: 'the package is the deployment',
    DefaultRouteSettings: 'no metrics or throttling of the API on one machine',
    Tags: NO_TAGS,
  },
};
