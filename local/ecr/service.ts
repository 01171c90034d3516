import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { AwsError } from '../aws-error.ts';
import { answerJson } from '../json-protocol.ts';
import type { CloudService, Identity, JsonAction } from '../ports.ts';
import type { ImageProgram, ResolveImage } from '../sagemaker/images.ts';

interface ImageIdentifier {
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

export interface EcrService extends CloudService {
  /** The names of the API actions that are answered. */
  readonly actions: readonly string[];
}

const REPOSITORY = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** ECR (JSON 1.1): each image that the cloud can run is there, its digest that of its program. */
export function createEcr(options: {
  readonly identity: Identity;
  readonly resolveImage: ResolveImage;
}): EcrService {
  const { identity, resolveImage } = options;

  function describeImages(input: Record<string, unknown>): unknown {
    const repository = checkName(input.repositoryName);
    const registry = typeof input.registryId === 'string' ? input.registryId : identity.account;
    const wanted = (input.imageIds ?? [{ imageTag: 'latest' }]) as ImageIdentifier[];
    return { imageDetails: wanted.map((image) => detail(registry, repository, image)) };
  }

  function detail(registry: string, repository: string, image: ImageIdentifier): unknown {
    const tag = image.imageTag ?? 'latest';
    const program = resolveImage(`${registry}.dkr.ecr.${identity.region}.amazonaws.com/${repository}:${tag}`);
    const where = `the registry with id '${registry}'`;
    if (!program) {
      const message = `The repository with name '${repository}' does not exist in ${where}`;
      throw new AwsError('RepositoryNotFoundException', message);
    }
    const about = contentOf(program);
    if (image.imageDigest !== undefined && image.imageDigest !== about.imageDigest) {
      const id = `{imageDigest:'${image.imageDigest}', imageTag:'${image.imageTag ?? 'null'}'}`;
      const message = `The image with imageId ${id} does not exist within the repository with name '${repository}' in ${where}`;
      throw new AwsError('ImageNotFoundException', message);
    }
    const imageManifestMediaType = 'application/vnd.docker.distribution.manifest.v2+json';
    return {
      registryId: registry,
      repositoryName: repository,
      imageTags: [tag],
      ...about,
      imageManifestMediaType,
    };
  }

  const actions: Record<string, JsonAction> = { DescribeImages: describeImages };
  return {
    actions: Object.keys(actions),
    handle: (request) => answerJson(request, { version: '1.1', actions }),
    close: async () => undefined,
  };
}

function checkName(name: unknown): string {
  if (typeof name === 'string' && name.length >= 2 && name.length <= 256 && REPOSITORY.test(name))
    return name;
  throw new AwsError(
    'InvalidParameterException',
    `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '${REPOSITORY.source}''`,
  );
}

/** What stands for an image's layers: the file of its program, the last word of its command. */
function contentOf(program: ImageProgram) {
  const file = program.command.at(-1) ?? '';
  const content = readFileSync(file);
  return {
    imageDigest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
    imageSizeInBytes: content.length,
    imagePushedAt: Math.floor(statSync(file).mtimeMs / 1000),
  };
}
