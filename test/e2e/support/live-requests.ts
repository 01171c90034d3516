/** Users of an endpoint: requests at a steady rate, each with an inference id of its own. */
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { TestCloud } from './test-cloud.ts';

export interface LiveRequests {
  /** Answers so far, by the variant that gave them. */
  readonly answered: ReadonlyMap<string, number>;
  /** The messages of requests that failed. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

const EVERY_MS = 20;
const MOST_IN_FLIGHT = 8;

/** One request, of CSV rows where nothing else is said. Answers the model's text and the variant that gave it. */
export async function predict(
  client: SageMakerRuntimeClient,
  EndpointName: string,
  Body: string,
  { contentType = 'text/csv', id }: { readonly contentType?: string; readonly id?: string } = {},
) {
  const answer = await client.send(
    new InvokeEndpointCommand({
      EndpointName,
      ContentType: contentType,
      Accept: 'text/csv',
      Body,
      ...(id ? { InferenceId: id } : {}),
    }),
  );
  return {
    text: new TextDecoder().decode(answer.Body).trim(),
    variant: answer.InvokedProductionVariant ?? '',
  };
}

export function startLiveRequests(
  cloud: Pick<TestCloud, 'sageMaker'>,
  endpoint: string,
  rows: readonly string[],
): LiveRequests {
  const client = new SageMakerRuntimeClient({ ...cloud.sageMaker, maxAttempts: 1 });
  const answered = new Map<string, number>();
  const failures: string[] = [];
  const inFlight = new Set<Promise<void>>();
  let count = 0;

  async function ask(row: string): Promise<void> {
    try {
      const { variant } = await predict(client, endpoint, row);
      answered.set(variant, (answered.get(variant) ?? 0) + 1);
    } catch (error) {
      failures.push(String(error));
    }
  }

  const timer = setInterval(() => {
    // A slow endpoint slows its users.
    if (inFlight.size >= MOST_IN_FLIGHT) return;
    const request: Promise<void> = ask(rows[count++ % rows.length] ?? '').finally(() =>
      inFlight.delete(request),
    );
    inFlight.add(request);
  }, EVERY_MS);

  return {
    answered,
    failures,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(inFlight);
      client.destroy();
    },
  };
}
