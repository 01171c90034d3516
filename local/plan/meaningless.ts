/**
 * What the packaged template may say and the embedded cloud leaves without effect, by the reason: a resource type, a
 * resource of the framework's own, or a property by its path. What stands neither here nor is asked for by a reader
 * (resources.ts) is refused.
 */
const BY_REASON: Readonly<Record<string, readonly string[]>> = {
  'resource policies are not modelled: one person owns everything on one machine': [
    'AWS::Lambda::Permission',
    'AWS::S3::BucketPolicy',
    'AWS::SQS::QueuePolicy',
  ],
  'a function’s log is a file of the user, made when the function runs': ['AWS::Logs::LogGroup'],
  'images are resolved to the programs under containers/, nothing is built or pushed': [
    'AWS::ECR::Repository',
    'AWS::CodeBuild::Project',
  ],
  'the zips are read from the package folder': [
    'ServerlessDeploymentBucket',
    'AWS::Lambda::Function.Code.S3Bucket',
    'AWS::Lambda::LayerVersion.Content.S3Bucket',
  ],
  'everything is made at once, and nothing is deleted: the folder is the user’s': [
    'Resource.DependsOn',
    'Resource.DeletionPolicy',
    'Resource.UpdateReplacePolicy',
    'AWS::S3::Bucket.LifecycleConfiguration',
    'AWS::DynamoDB::Table.PointInTimeRecoverySpecification',
  ],
  'a text for people': [
    'Template.AWSTemplateFormatVersion',
    'Template.Description',
    'Output.Description',
    'AWS::Events::Rule.Description',
    'AWS::IAM::Role.Policies.PolicyName',
    'AWS::IAM::Policy.PolicyName',
    'Policy.Statement.Sid',
    'AWS::Lambda::Function.Description',
    'AWS::Lambda::LayerVersion.Description',
    'AWS::Lambda::LayerVersion.LicenseInfo',
    'AWS::ApiGatewayV2::Api.Name',
  ],
  'nobody bills or searches by tags on one machine': [
    'AWS::Lambda::Function.Tags',
    'AWS::ApiGatewayV2::Api.Tags',
    'AWS::ApiGatewayV2::Stage.Tags',
  ],
  'the disk belongs to the user; there is no key service': [
    'AWS::S3::Bucket.BucketEncryption',
    'AWS::DynamoDB::Table.SSESpecification',
    'AWS::SQS::Queue.SqsManagedSseEnabled',
  ],
  'listens on 127.0.0.1 only': ['AWS::S3::Bucket.PublicAccessBlockConfiguration'],
  'there is no other stack, and no other endpoint': [
    'Output.Export',
    'AWS::ApiGatewayV2::Api.DisableExecuteApiEndpoint',
  ],
  'roles are assumed by the embedded cloud’s own functions and jobs only': [
    'AWS::IAM::Role.AssumeRolePolicyDocument',
  ],
  'functions run on this machine’s processor and its disk': [
    'AWS::Lambda::Function.Architectures',
    'AWS::Lambda::Function.EphemeralStorage',
    'AWS::Lambda::LayerVersion.CompatibleArchitectures',
    'AWS::Lambda::LayerVersion.CompatibleRuntimes',
  ],
  'the package is the deployment; no metrics or throttling of the API on one machine': [
    'AWS::ApiGatewayV2::Stage.AutoDeploy',
    'AWS::ApiGatewayV2::Stage.DefaultRouteSettings',
  ],
};

/** The reason, by what has no meaning. */
export const MEANINGLESS: ReadonlyMap<string, string> = new Map(
  Object.entries(BY_REASON).flatMap(([reason, all]) => all.map((what) => [what, reason] as const)),
);
