/** For tests: the first reply to each kind of change is lost on its way, after the change was made. The SDK asks again,
 * as it does in earnest. */
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';

const CHANGES = /^(Create|Update)/;

export function loseReplies(client: SageMakerClient): SageMakerClient {
  const lost = new Set<string>();
  client.middlewareStack.add(
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
