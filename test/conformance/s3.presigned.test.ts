/** Presigned URLs, made by the SDK's presigner and by the AWS CLI, used by whoever has them (fetch). */
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describeWith } from '../support/outside-client.ts';
import { AWS_CLI, createAwsCli } from './support/aws-cli.ts';
import type { BareCloud } from './support/bare-cloud.ts';
import { PLAIN, startS3Cloud } from './support/s3-cloud.ts';

const Key = 'shared + ü';

async function answerOf(url: string, body?: string): Promise<[number, string]> {
  const answer = await fetch(url, body === undefined ? {} : { method: 'PUT', body });
  const text = await answer.text();
  return [answer.status, /<Code>(.*?)</.exec(text)?.[1] ?? text];
}

let cloud: BareCloud;
let s3: S3Client;
beforeAll(async () => {
  cloud = await startS3Cloud({ strict: true });
  s3 = new S3Client(cloud.client);
  await s3.send(new PutObjectCommand({ Bucket: PLAIN, Key, Body: 'for you' }));
});
afterAll(async () => {
  s3?.destroy();
  await cloud?.close();
});

describe('a presigned URL, AWS SDK v3', () => {
  const presign = (more = {}) =>
    getSignedUrl(s3, new GetObjectCommand({ Bucket: PLAIN, Key }), { expiresIn: 60, ...more });

  it('reads and writes what it was made for', async () => {
    expect(await answerOf(await presign())).toEqual([200, 'for you']);
    // Else the presigner signs the checksum of an empty body, and S3 refuses every other.
    const signer = new S3Client({ ...cloud.client, requestChecksumCalculation: 'WHEN_REQUIRED' });
    const put = new PutObjectCommand({ Bucket: PLAIN, Key: 'written' });
    expect((await answerOf(await getSignedUrl(signer, put), 'by you'))[0]).toBe(200);
    signer.destroy();
    const get = new GetObjectCommand({ Bucket: PLAIN, Key: 'written' });
    expect(await answerOf(await getSignedUrl(s3, get))).toEqual([200, 'by you']);
  });

  it('is refused when its time is over', async () => {
    const signingDate = new Date(Date.now() - 120_000);
    expect(await answerOf(await presign({ signingDate }))).toEqual([403, 'AccessDenied']);
  });

  it.each<[what: string, tamper: (url: string) => string]>([
    ['another key', (url) => url.replace('shared', 'other')],
    ['a longer life', (url) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=61')],
    ['another parameter', (url) => `${url}&versionId=null`],
    [
      'another signature',
      (url) => url.replace(/Signature=./, (text) => (text.endsWith('0') ? 'Signature=1' : 'Signature=0')),
    ],
  ])('is refused when it was tampered with: %s', async (_, tamper) => {
    expect(await answerOf(tamper(await presign()))).toEqual([403, 'SignatureDoesNotMatch']);
  });

  it('is refused when it was made for reading and is used for writing', async () => {
    expect(await answerOf(await presign(), 'mine')).toEqual([403, 'SignatureDoesNotMatch']);
    expect(await answerOf(await presign())).toEqual([200, 'for you']);
  });

  it('is refused when its secret is not the key’s', async () => {
    const credentials = { ...cloud.client.credentials, secretAccessKey: 'guessed' };
    const other = new S3Client({ ...cloud.client, credentials });
    const url = await getSignedUrl(other, new GetObjectCommand({ Bucket: PLAIN, Key }));
    expect(await answerOf(url)).toEqual([403, 'SignatureDoesNotMatch']);
    other.destroy();
  });
});

describeWith(AWS_CLI, 'a presigned URL', () => {
  it('reads, and is refused when it was tampered with', async () => {
    const cli = createAwsCli(cloud.endpoint, cloud.client.credentials);
    const url = (await cli.run('s3', 'presign', `s3://${PLAIN}/${Key}`, '--expires-in', '60')).trim();
    expect(await answerOf(url)).toEqual([200, 'for you']);
    expect(await answerOf(url.replace('shared', 'other'))).toEqual([403, 'SignatureDoesNotMatch']);
    cli.close();
  });
});
