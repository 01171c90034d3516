/** For tests: the first reply to each kind of change is lost on its way, after the change was made. The SDK asks again,
 * as it does in earnest. */
import type { S3Client } from '@aws-sdk/client-s3';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';

const CHANGES = /^(Create|Complete|Put|Update|Upload)/;

export function loseReplies<C extends S3Client | SageMakerClient>(client: C): C {
  const lost = new Set<string>();
  const stack = client.middlewareStack as SageMakerClient['middlewareStack'];
  stack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const answer = await next(args);
        if (!CHANGES.test(commandName) || lost.has(commandName)) return answer;
        lost.add(commandName);
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
      },
    // Within the SDK's own retries.
    { step: 'finalizeRequest', priority: 'low' },
  );
  return client;
}
