import { join } from 'node:path';
import type { Route } from '../http-api/route.ts';
import { functionNameOf } from '../lambda/function-definition.ts';
import { type Fields, fieldsOf, type Plain } from './fields.ts';
import { MEANINGLESS_PROPERTIES, MEANINGLESS_RESOURCES, MEANINGLESS_TYPES } from './meaningless.ts';
import type { Plan, PlannedFunction, PlannedRole } from './plan.ts';
import { PlanError } from './plan-error.ts';
import { createResolver, type Resolver } from './resolve.ts';
import {
  READ_PROPERTIES,
  readAttachedPolicy,
  readBucket,
  readCors,
  readFunction,
  readInvokeConfig,
  readMapping,
  readQueue,
  readRole,
  readRule,
} from './resources.ts';
import { type Place, type Resource, readTemplate } from './template.ts';

interface Read {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly arn: string;
  readonly properties: Plain;
  readonly fields: Fields;
}

/** Plans the packaged template (`serverless package`) for one machine. Throws PlanError, naming it, for whatever is
 * not understood: a resource type, a property, an intrinsic. */
export function readPlan(packageDir: string, place: Place): Plan {
  const template = readTemplate(packageDir);
  const resolver = createResolver(template, place);
  const all = [...template.resources.values()].flatMap((resource) => readResource(resource, resolver));
  const of = (type: string) => all.filter((resource) => resource.type === type);
  const names = (type: string) => of(type).map((resource) => resource.name);
  const cors = of('AWS::ApiGatewayV2::Api').map(({ fields }) => readCors(fields))[0];
  for (const { fields } of of('AWS::ApiGatewayV2::Stage')) fields.oneOf('StageName', '$default');
  const outputs = [...template.outputs].map(([name, value]) => [
    name,
    String(resolver.resolve(value, `Outputs.${name}`)),
  ]);
  return {
    buckets: of('AWS::S3::Bucket').map(({ name, fields }) => readBucket(name, fields)),
    buses: names('AWS::Events::EventBus'),
    rules: of('AWS::Events::Rule').map(({ name, fields }) => readRule(name, fields)),
    queues: of('AWS::SQS::Queue').map(({ name, fields }) => readQueue(name, fields)),
    tables: of('AWS::DynamoDB::Table').map(({ name, type, properties }) => ({
      ...Object.fromEntries(
        Object.entries(properties).filter(([key]) => READ_PROPERTIES[type]?.includes(key)),
      ),
      TableName: name,
    })),
    functions: functionsOf(of('AWS::Lambda::Function'), of('AWS::Lambda::EventInvokeConfig'), packageDir),
    mappings: of('AWS::Lambda::EventSourceMapping').flatMap(({ fields }) => readMapping(fields)),
    roles: rolesOf(of('AWS::IAM::Role'), of('AWS::IAM::Policy')),
    routes: routesOf(of('AWS::ApiGatewayV2::Route'), of('AWS::ApiGatewayV2::Integration')),
    ...(cors && { cors }),
    logGroups: names('AWS::Logs::LogGroup'),
    repositories: names('AWS::ECR::Repository'),
    buildProjects: names('AWS::CodeBuild::Project'),
    outputs: Object.fromEntries(outputs),
  };
}

function readResource(resource: Resource, resolver: Resolver): Read[] {
  const { id, type } = resource;
  const where = `${id} (${type})`;
  const properties = resolver.resolve(resource.properties, where) as Plain;
  if (Object.hasOwn(MEANINGLESS_TYPES, type) || Object.hasOwn(MEANINGLESS_RESOURCES, id)) return [];
  const read = READ_PROPERTIES[type];
  if (!read) throw new PlanError(where, 'the embedded cloud does not know this resource type');
  const known = [...read, ...Object.keys(MEANINGLESS_PROPERTIES[type] ?? {})];
  const { name, attributes } = resolver.named(id);
  const fields = fieldsOf(properties, where, known);
  return [{ id, type, name, arn: attributes.Arn ?? '', properties, fields }];
}

function functionsOf(
  functions: readonly Read[],
  configs: readonly Read[],
  packageDir: string,
): PlannedFunction[] {
  const invokeConfigs = new Map(configs.map(({ fields }) => readInvokeConfig(fields)));
  return functions.map(({ name, fields }) => {
    const planned = readFunction(name, fields);
    return { ...planned, ...invokeConfigs.get(name), archive: join(packageDir, planned.archive) };
  });
}

function routesOf(routes: readonly Read[], integrations: readonly Read[]): Route[] {
  const targets = new Map(
    integrations.map(({ id, fields }) => {
      fields.oneOf('IntegrationType', 'AWS_PROXY');
      fields.oneOf('PayloadFormatVersion', '2.0');
      const timeoutMs = fields.number('TimeoutInMillis') ?? 30_000;
      return [id, { functionName: functionNameOf(fields.required('IntegrationUri')), timeoutMs }];
    }),
  );
  return routes.map(({ fields }) => {
    const target = targets.get(fields.required('Target').split('/').at(-1) ?? '');
    if (!target) throw new PlanError(`${fields.where}.Target`, 'names no integration');
    const [method = '', path = method] = fields.required('RouteKey').split(' ');
    return {
      method,
      path,
      ...target,
      authorization: fields.oneOf('AuthorizationType', 'NONE', 'AWS_IAM'),
    };
  });
}

function rolesOf(roles: readonly Read[], policies: readonly Read[]): PlannedRole[] {
  const attached = policies.map(({ fields }) => {
    const read = readAttachedPolicy(fields);
    const stranger = read.roles.find((role) => !roles.some(({ name }) => name === role));
    if (stranger !== undefined) throw new PlanError(`${fields.where}.Roles`, `names no role: ${stranger}`);
    return read;
  });
  return roles.map(({ name, arn, fields }) => {
    const role = readRole(name, arn, fields);
    const more = attached.flatMap(({ roles: names, policy }) => (names.includes(name) ? [policy] : []));
    return { ...role, policies: [...role.policies, ...more] };
  });
}
