import { type Fields, mapOf, objectOf, textOf } from './fields.ts';
import { MEANINGLESS } from './meaningless.ts';
import { KNOWN_TYPES, type Named, nameProperty } from './naming.ts';
import type { Plan } from './plan.ts';
import { PlanError } from './plan-error.ts';
import { createResolver } from './resolve.ts';
import {
  readBucket,
  readCors,
  readFunction,
  readIntegration,
  readInvokeConfig,
  readLayer,
  readMapping,
  readQueue,
  readRoute,
  readRule,
  readTable,
} from './resources.ts';
import { readPolicyResource, readRole } from './roles.ts';
import { type Place, readTemplate } from './template.ts';

/** Plans the packaged template (`serverless package`) for one machine. Throws PlanError, naming it, for whatever is
 * not understood: a resource type, a property, an intrinsic. */
export function readPlan(packageDir: string, place: Place): Plan {
  const template = readTemplate(packageDir);
  const { resolve, named } = createResolver(template, place);
  const resources = Object.values(template.resources).map(({ id, type, properties }) => {
    const where = `${id} (${type})`;
    if (!KNOWN_TYPES.includes(type) && !MEANINGLESS.has(type))
      throw new PlanError(where, 'the embedded cloud does not know this resource type');
    return { id, type, where, properties: resolve(properties, where) };
  });
  const ofType = (type: string) =>
    resources.filter((each) => each.type === type && !MEANINGLESS.has(each.id));
  const namesOf = (type: string) => new Set(ofType(type).map(({ id }) => named(id).name));

  function all<T>(type: string, read: (fields: Fields, named: Named) => T): T[] {
    return ofType(type).map(({ id, where, properties }) =>
      objectOf(properties, where, type, (fields) => {
        fields.text(nameProperty(type));
        return read(fields, named(id));
      }),
    );
  }

  const functions = namesOf('AWS::Lambda::Function');
  const queues = namesOf('AWS::SQS::Queue');
  const layers = new Map(all('AWS::Lambda::LayerVersion', readLayer(packageDir)));
  const invokeConfigs = new Map(all('AWS::Lambda::EventInvokeConfig', readInvokeConfig(functions, queues)));
  const integrations = new Map(all('AWS::ApiGatewayV2::Integration', readIntegration(functions)));
  const policies = all('AWS::IAM::Policy', readPolicyResource(namesOf('AWS::IAM::Role')));
  const apis = all('AWS::ApiGatewayV2::Api', readCors);
  if (apis.length > 1) throw new PlanError('AWS::ApiGatewayV2::Api', 'only one is understood');
  all(
    'AWS::ApiGatewayV2::Stage',
    (stage) => stage.required('ApiId') && stage.oneOf('StageName', ['$default']),
  );
  return {
    buckets: all('AWS::S3::Bucket', readBucket),
    buses: all('AWS::Events::EventBus', (_, { name }) => name),
    rules: all('AWS::Events::Rule', readRule),
    queues: all('AWS::SQS::Queue', readQueue),
    tables: all('AWS::DynamoDB::Table', readTable),
    functions: all('AWS::Lambda::Function', readFunction({ packageDir, layers, invokeConfigs })),
    mappings: all('AWS::Lambda::EventSourceMapping', readMapping(functions, queues)).flat(),
    roles: all('AWS::IAM::Role', readRole(policies)),
    routes: all('AWS::ApiGatewayV2::Route', readRoute(integrations)),
    cors: apis[0],
    outputs: mapOf(template.outputs, 'Outputs', (value, where) => textOf(resolve(value, where), where)),
  };
}
