import type { TransformRequest } from './job.ts';

const STRATEGIES: Readonly<Record<string, 'MultiRecord' | 'SingleRecord'>> = {
  MULTI_RECORD: 'MultiRecord',
  SINGLE_RECORD: 'SingleRecord',
};

/** A request with what it leaves open filled in from the JSON that its container answers to /execution-parameters. */
export function withParameters(request: TransformRequest, answer: string | undefined): TransformRequest {
  const { MaxConcurrentTransforms, MaxPayloadInMB, BatchStrategy } = parse(answer);
  const strategy = STRATEGIES[String(BatchStrategy)];
  return {
    ...request,
    ...(request.MaxConcurrentTransforms || typeof MaxConcurrentTransforms !== 'number'
      ? {}
      : { MaxConcurrentTransforms }),
    ...(request.MaxPayloadInMB !== undefined || typeof MaxPayloadInMB !== 'number' ? {} : { MaxPayloadInMB }),
    ...(request.BatchStrategy !== undefined || strategy === undefined ? {} : { BatchStrategy: strategy }),
  };
}

function parse(answer: string | undefined): Record<string, unknown> {
  try {
    return JSON.parse(answer ?? '{}') ?? {};
  } catch {
    return {};
  }
}
