/** The images that this repository builds; any other image is named by its full ECR URI. */
export const ownImages = ['digits', 'features', 'source', 'spark', 'xgboost'] as const;

/** Those of them that train a model, and serve it. */
export const trainingImages = ['digits', 'xgboost'] as const satisfies readonly (typeof ownImages)[number][];

export interface ImagePlace {
  readonly account: string;
  readonly region: string;
  readonly stage: string;
}

/** `digits` → `<account>.dkr.ecr.<region>.amazonaws.com/ratchet-<stage>-digits:latest`; a full URI stays. */
export function imageUri(image: string, { account, region, stage }: ImagePlace): string {
  if (!(ownImages as readonly string[]).includes(image)) return image;
  return `${account}.dkr.ecr.${region}.amazonaws.com/ratchet-${stage}-${image}:latest`;
}

export interface ImageName {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

const URI =
  /^(\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/([a-z0-9][a-z0-9._/-]*?)(?::([A-Za-z0-9_.-]+))?$/;

/** The parts of an ECR URI, or undefined when the text is none. */
export function parseImageUri(uri: string): ImageName | undefined {
  const match = URI.exec(uri);
  if (!match) return undefined;
  return { registry: match[1] as string, repository: match[2] as string, tag: match[3] ?? 'latest' };
}
