import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { createEcr } from './service.ts';

const known = '000000000000.dkr.ecr.us-east-1.amazonaws.com/ratchet-dev-digits';
const service = createEcr({
  identity: { account: '000000000000', region: 'us-east-1' },
  resolveImage: (uri) =>
    uri.startsWith(`${known}:`) ? { command: ['node', fileURLToPath(import.meta.url)] } : undefined,
});
const server = createServer((req, res) => {
  void service.handle({
    req,
    res,
    url: new URL('http://127.0.0.1/'),
    accessKeyId: 'test',
    requestId: 'request-1',
  });
});
let client: ECRClient;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new ECRClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});
afterAll(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const ask = (repositoryName: string, imageIds?: { imageTag?: string; imageDigest?: string }[]) =>
  client.send(new DescribeImagesCommand({ repositoryName, ...(imageIds ? { imageIds } : {}) }));

describe('DescribeImages', () => {
  it('knows the images that the cloud can run, by tag and by digest', async () => {
    const { imageDetails } = await ask('ratchet-dev-digits', [{ imageTag: 'v1' }]);
    expect(imageDetails).toMatchObject([
      {
        registryId: '000000000000',
        repositoryName: 'ratchet-dev-digits',
        imageTags: ['v1'],
        imageDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        imagePushedAt: expect.any(Date),
      },
    ]);
    const { imageDigest } = imageDetails![0]!;
    expect((await ask('ratchet-dev-digits', [{ imageDigest: imageDigest! }])).imageDetails).toHaveLength(1);
    expect((await ask('ratchet-dev-digits')).imageDetails).toHaveLength(1);
  });

  it('tells what is missing in the words of AWS', async () => {
    await expect(ask('ratchet-dev-other')).rejects.toMatchObject({
      name: 'RepositoryNotFoundException',
      message:
        "The repository with name 'ratchet-dev-other' does not exist in the registry with id '000000000000'",
    });
    const imageDigest = `sha256:${'0'.repeat(64)}`;
    await expect(ask('ratchet-dev-digits', [{ imageDigest }])).rejects.toMatchObject({
      name: 'ImageNotFoundException',
      message: `The image with imageId {imageDigest:'${imageDigest}', imageTag:'null'} does not exist within the repository with name 'ratchet-dev-digits' in the registry with id '000000000000'`,
    });
    await expect(ask('../etc')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});
