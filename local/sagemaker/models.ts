import type { JsonAction } from '../ports.ts';
import { arnOf, type Context } from './context.ts';
import { parseS3Uri } from './objects.ts';
import type { ContainerDefinition, ExecutionMode } from './process/model-server.ts';
import { invalid } from './request.ts';
import type { Document } from './store.ts';
import { tagsOf } from './tags.ts';
import { answerList, toWire } from './wire.ts';

export interface Model extends Document {
  readonly containers: readonly ContainerDefinition[];
  readonly mode: ExecutionMode;
  readonly request: Readonly<Record<string, unknown>>;
}

/** The model of that name; throws AWS's `Could not find model "<arn>".` */
export function mustFindModel(context: Context, name: string): Model {
  const model = context.store.get<Model>('model', name);
  if (!model) throw invalid(`Could not find model "${arnOf(context.identity, 'model', name)}".`);
  return model;
}

export function modelActions(context: Context): Record<string, JsonAction> {
  const { store, clock, identity } = context;

  function create(input: Record<string, unknown>): unknown {
    const name = String(input.ModelName);
    const containers = containersOf(input);
    for (const container of containers) checkContainer(context, container);
    checkHostnames(containers, modeOf(input));
    const arn = arnOf(identity, 'model', name);
    if (store.get('model', name)) throw invalid(`Cannot create already existing model "${arn}".`);
    const { Tags, ModelName, ...request } = input;
    const model: Model = { name, arn, CreationTime: clock.now(), containers, mode: modeOf(input), request };
    store.put('model', model);
    store.addTags(arn, tagsOf(input));
    return { ModelArn: arn };
  }

  const summary = (model: Model) => ({
    ModelName: model.name,
    ModelArn: model.arn,
    CreationTime: model.CreationTime,
  });

  return {
    CreateModel: create,
    DescribeModel: (input) => {
      const model = mustFindModel(context, String(input.ModelName));
      return toWire({ ...summary(model), EnableNetworkIsolation: false, ...model.request });
    },
    DeleteModel: (input) => {
      store.remove('model', mustFindModel(context, String(input.ModelName)));
      return {};
    },
    ListModels: (input) =>
      answerList(store.list<Model>('model'), input, { member: 'Models', summary, order: 'Descending' }),
  };
}

function containersOf(input: Record<string, unknown>): readonly ContainerDefinition[] {
  const { PrimaryContainer, Containers } = input as {
    PrimaryContainer?: ContainerDefinition;
    Containers?: ContainerDefinition[];
  };
  if (PrimaryContainer && Containers)
    throw invalid('Both PrimaryContainer and Containers are specified; give one of them.');
  const containers = Containers ?? (PrimaryContainer ? [PrimaryContainer] : []);
  if (containers.length === 0) throw invalid('Either PrimaryContainer or Containers must be specified.');
  return containers;
}

function modeOf({ InferenceExecutionConfig: config }: Record<string, unknown>): ExecutionMode {
  return (config as { Mode?: ExecutionMode } | undefined)?.Mode ?? 'Serial';
}

function checkHostnames(containers: readonly ContainerDefinition[], mode: ExecutionMode): void {
  const names = containers.flatMap((container) => container.ContainerHostname ?? []);
  if (new Set(names).size < names.length) throw invalid('ContainerHostname must be unique within a model.');
  if (mode === 'Direct' && (containers.length < 2 || names.length < containers.length))
    throw invalid(
      'InferenceExecutionMode Direct needs two or more containers, each with a ContainerHostname.',
    );
}

function checkContainer(context: Context, container: ContainerDefinition): void {
  if (!container.Image) throw invalid('A container needs an Image.');
  if (!context.resolveImage(container.Image)) throw invalid(`Requested image ${container.Image} not found.`);
  if (container.ModelDataUrl) parseS3Uri(container.ModelDataUrl);
}
