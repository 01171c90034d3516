/** For SageMaker's suites: a bucket with a small training set (y = 2 x), and AWS's image that learns it. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type BareCloud, bucket, startBareCloud } from './bare-cloud.ts';

export const BUCKET = 'conformance-sagemaker';
/** AWS's own XGBoost of us-east-1: `containers/xgboost` stands for it here. */
export const IMAGE = '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1';
export const ROLE = 'arn:aws:iam::000000000000:role/conformance';

const SCALE = 1000;
const ROWS = 60;

/** A cloud with `train/line.csv` (label first, as XGBoost wants it) and `batch/rows.csv` (features alone). */
export async function startLineCloud(): Promise<BareCloud> {
  const cloud = await startBareCloud({ Data: bucket(BUCKET) }, { scale: SCALE });
  const s3 = new S3Client(cloud.client);
  const rows = Array.from({ length: ROWS }, (_, x) => `${2 * x},${x}\n`);
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  await put('train/line.csv', rows.join(''));
  await put('batch/rows.csv', '10\n20\n30\n');
  s3.destroy();
  return cloud;
}
