import type { RunRequest } from '../../shared/contracts/http.ts';
import { runIdOf } from '../../shared/contracts/names.ts';
import { type HttpAnswer, HttpProblem } from '../../shared/runtime/handle-http.ts';
import type { BeginRun } from './begin-run.ts';
import type { IngestPorts } from './ports.ts';

export interface RunCall {
  readonly pipeline: string;
  readonly body: RunRequest;
  /** Names the call when the caller did not: API Gateway's own request id. */
  readonly callId: string;
}

/** A person asks for a run over the dataset as it is. Repeating a call with the same `request` begins nothing new. */
export function buildOnRunRequested({ runs }: Pick<IngestPorts, 'runs'>, begin: BeginRun) {
  return async ({ pipeline, body, callId }: RunCall): Promise<HttpAnswer> => {
    const request = body.request ?? callId;
    const stored = await runs.loadPipeline(pipeline);
    if (!stored) throw unknown(pipeline);
    if (!stored.state.head) {
      throw new HttpProblem(409, {
        error: 'NoData',
        message: `"${pipeline}" has no data yet; drop a file first`,
      });
    }
    const begun = await begin({
      pipeline,
      runId: runIdOf(pipeline, `person:${request}`),
      cause: { kind: 'person', request, reason: body.reason },
      parts: [],
      adjust: (specification) => ({
        ...specification,
        train: {
          ...specification.train,
          hyperparameters: { ...specification.train.hyperparameters, ...body.hyperparameters },
        },
      }),
    });
    if (begun.kind === 'unknown-pipeline') throw unknown(pipeline);
    return { status: begun.kind === 'begun' ? 201 : 200, body: { runId: begun.runId } };
  };
}

const unknown = (pipeline: string) =>
  new HttpProblem(404, {
    error: 'UnknownPipeline',
    message: `There is no pipeline "${pipeline}"; declare it first (ratchet apply pipeline.yml)`,
  });
