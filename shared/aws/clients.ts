/** One place that builds AWS clients. Where they speak to is the SDK's own business (AWS_ENDPOINT_URL). */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SQSClient } from '@aws-sdk/client-sqs';

const retries = { maxAttempts: 5 } as const;

export const createCloudWatchClient = (): CloudWatchClient => new CloudWatchClient(retries);
export const createDynamoDbClient = (): DynamoDBClient => new DynamoDBClient(retries);
export const createEcrClient = (): ECRClient => new ECRClient(retries);
export const createEventBridgeClient = (): EventBridgeClient => new EventBridgeClient(retries);
export const createS3Client = (): S3Client => new S3Client(retries);
export const createSageMakerClient = (): SageMakerClient => new SageMakerClient(retries);
export const createSqsClient = (): SQSClient => new SQSClient(retries);
