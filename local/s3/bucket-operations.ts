import { AwsError } from '../aws-error.ts';
import { allBuckets, findBucket, saveBucket } from './buckets.ts';
import type { Operation } from './call.ts';
import { receiveDocument } from './receive-body.ts';
import { sendEmpty, sendXml } from './respond.ts';
import { parseXml } from './xml.ts';

/** The region whose location constraint is empty, for it was there first. */
const FIRST_REGION = 'us-east-1';

export const listBuckets: Operation = (context, call) => {
  const { account } = context.identity;
  const buckets = allBuckets(context.db);
  sendXml(call.request, 'ListAllMyBucketsResult', {
    Owner: { ID: account, DisplayName: account },
    Buckets: {
      Bucket: buckets.map(({ name, created }) => ({
        Name: name,
        CreationDate: new Date(created).toISOString(),
      })),
    },
  });
};

export const headBucket: Operation = (context, call) => {
  sendEmpty(call.request, 200, { 'x-amz-bucket-region': context.identity.region });
};

/** A bucket that a client makes is neither versioned nor does it emit events. */
export const createBucket: Operation = async (context, call) => {
  const { region } = context.identity;
  requireBucketName(call.bucket);
  const body = await receiveDocument(call);
  if (body.length > 0) requireRegion(parseXml(body, 'CreateBucketConfiguration').LocationConstraint, region);
  if (!findBucket(context.db, call.bucket)) {
    saveBucket(context.db, call.bucket, { versioned: false, eventBridge: false }, context.clock.now());
  } else if (region !== FIRST_REGION) {
    const message = 'Your previous request to create the named bucket succeeded and you already own it.';
    throw new AwsError('BucketAlreadyOwnedByYou', message, 409, { BucketName: call.bucket });
  }
  sendEmpty(call.request, 200, { location: `/${call.bucket}` });
};

export const getBucketLocation: Operation = (context, call) => {
  const { region } = context.identity;
  sendXml(call.request, 'LocationConstraint', region === FIRST_REGION ? '' : region);
};

/** "Bucket naming rules", S3 user guide. Throws InvalidBucketName. */
export function requireBucketName(name: string): void {
  const valid = /^(?=.{3,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name);
  if (valid && !/^\d+\.\d+\.\d+\.\d+$/.test(name)) return;
  throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
}

function requireRegion(constraint: unknown, region: string): void {
  if (constraint === undefined || constraint === region) return;
  const message = `The ${String(constraint)} location constraint is incompatible for the region specific endpoint this request was sent to.`;
  throw new AwsError('IllegalLocationConstraintException', message);
}
