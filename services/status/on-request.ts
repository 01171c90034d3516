/** GET /v1/…: one place reads what all services have written, and shows it. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { Run } from '../../shared/lifecycle/run.ts';
import { type HttpAnswer, HttpProblem } from '../../shared/runtime/handle-http.ts';
import {
  datasetOf,
  detailOf,
  historyOf,
  modelOf,
  pipelineSummaryOf,
  sourcesOf,
  summaryOf,
  whyOf,
} from './core.ts';
import type { PageQuery, StatusPorts } from './ports.ts';

type Answer = (event: APIGatewayProxyEventV2) => Promise<unknown>;

const MOST_A_PAGE = 100;

export function buildOnRequest(ports: StatusPorts) {
  const routes: Readonly<Record<string, Answer>> = {
    'GET /v1/health': async () => ({ status: 'ok' }),
    'GET /v1/pipelines': async (event) => {
      const { items, next } = await ports.pipelines(pageOf(event));
      return { pipelines: items.map(pipelineSummaryOf), next };
    },
    'GET /v1/pipelines/{pipeline}': async (event) => {
      const pipeline = await pipelineOf(event);
      const sources = pipeline.specification.data.sources ?? [];
      return sources.length === 0
        ? pipeline
        : { ...pipeline, sources: sourcesOf(sources, await ports.sources(pipeline.name)) };
    },
    'GET /v1/pipelines/{pipeline}/runs': async (event) => {
      const { items, next } = await ports.runs(nameOf(event), pageOf(event));
      // A drop for an unknown pipeline is shown under the name it was dropped for.
      if (items.length === 0) await pipelineOf(event);
      return { runs: items.map(summaryOf), next };
    },
    'GET /v1/pipelines/{pipeline}/datasets': async (event) => {
      const { name } = await pipelineOf(event);
      const { items, next } = await ports.datasets(name, pageOf(event));
      return { datasets: items.map(datasetOf), next };
    },
    'GET /v1/pipelines/{pipeline}/models': async (event) => {
      const { name, champion } = await pipelineOf(event);
      const { items, next } = await ports.runs(name, pageOf(event));
      return { models: items.map((run) => modelOf(run, champion?.name)).filter((model) => model), next };
    },
    'GET /v1/pipelines/{pipeline}/endpoint': async (event) => {
      const { name, champion, desired } = await pipelineOf(event);
      const serving = await ports.endpoint(name);
      const wanted = desired?.variants.map(({ model, weight }) => ({ model: model.name, weight }));
      return {
        champion: champion?.name,
        serving: serving ?? null,
        desired: wanted ? { ...desired, variants: wanted } : null,
      };
    },
    'GET /v1/pipelines/{pipeline}/monitoring': async (event) => {
      const { name } = await pipelineOf(event);
      const { items, next } = await ports.windows(name, pageOf(event));
      return { monitor: (await ports.monitor(name)) ?? null, windows: items, next };
    },
    'GET /v1/pipelines/{pipeline}/ground-truth': async (event) => {
      const { name } = await pipelineOf(event);
      const monitor = (await ports.monitor(name)) as { groundTruth?: unknown } | undefined;
      return { groundTruth: monitor?.groundTruth ?? null };
    },
    'GET /v1/runs/{run}': async (event) => detailOf(await runOf(event)),
    'GET /v1/runs/{run}/history': async (event) => historyOf(await runOf(event)),
    'GET /v1/models/{model}': async (event) => {
      const run = await runOfModel(event);
      const pipeline = await ports.pipeline(run.pipeline);
      return modelOf(run, pipeline?.champion?.name);
    },
    'GET /v1/models/{model}/why': async (event) => {
      const run = await runOfModel(event);
      const gate = 'gate' in run ? run.gate : undefined;
      return whyOf(run, gate ? await ports.report(gate.report) : null);
    },
  };

  async function pipelineOf(event: APIGatewayProxyEventV2): Promise<Pipeline> {
    const found = await ports.pipeline(nameOf(event));
    if (!found)
      throw missing(
        'UnknownPipeline',
        `There is no pipeline "${nameOf(event)}"; GET /v1/pipelines lists them`,
      );
    return found;
  }

  async function runOf(event: APIGatewayProxyEventV2): Promise<Run> {
    const runId = event.pathParameters?.run ?? '';
    const found = await ports.run(runId);
    if (!found)
      throw missing('UnknownRun', `There is no run "${runId}"; GET /v1/pipelines/{pipeline}/runs lists them`);
    return found;
  }

  /** A model is named `ratchet-<stage>-<run>`: its run has all that is known of it. */
  async function runOfModel(event: APIGatewayProxyEventV2): Promise<Run> {
    const model = event.pathParameters?.model ?? '';
    const runId = /^ratchet-[^-]+-(.+)$/.exec(model)?.[1];
    const run = runId ? await ports.run(runId) : undefined;
    if (!run || !('model' in run) || run.model?.name !== model) {
      throw missing(
        'UnknownModel',
        `There is no model "${model}"; GET /v1/pipelines/{pipeline}/models lists them`,
      );
    }
    return run;
  }

  return async (event: APIGatewayProxyEventV2): Promise<HttpAnswer> => {
    const answer = routes[event.routeKey];
    if (!answer) throw missing('UnknownRoute', `Nothing answers ${event.routeKey}`);
    return { status: 200, body: await answer(event) };
  };
}

const missing = (error: string, message: string) => new HttpProblem(404, { error, message });

const nameOf = (event: APIGatewayProxyEventV2): string => event.pathParameters?.pipeline ?? '';

function pageOf(event: APIGatewayProxyEventV2): PageQuery {
  const { limit, next } = event.queryStringParameters ?? {};
  const size = limit === undefined ? 50 : Number(limit);
  if (!Number.isInteger(size) || size < 1 || size > MOST_A_PAGE) {
    throw new HttpProblem(400, {
      error: 'InvalidLimit',
      message: `limit must be a whole number from 1 to ${MOST_A_PAGE}`,
    });
  }
  return { limit: size, next };
}
