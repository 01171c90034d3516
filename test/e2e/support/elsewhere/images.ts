/** Images that stand for the programs in containers/: `ratchet apply` asks ECR whether they are there. */
import { createHash } from 'node:crypto';
import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import type { ClientSettings } from '../target.ts';

const MEDIA_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

/** Puts a manifest, tagged latest, into each repository. Nobody pulls it: our SageMaker runs the program itself. */
export async function pushStandInImages(
  client: ClientSettings,
  repositories: readonly string[],
): Promise<void> {
  const ecr = new ECRClient(client);
  try {
    for (const repositoryName of repositories) {
      const digest = `sha256:${createHash('sha256').update(repositoryName).digest('hex')}`;
      const imageManifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPE,
        config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: 1, digest },
        layers: [],
      });
      await ecr.send(
        new PutImageCommand({
          repositoryName,
          imageManifest,
          imageManifestMediaType: MEDIA_TYPE,
          imageTag: 'latest',
        }),
      );
    }
  } finally {
    ecr.destroy();
  }
}
