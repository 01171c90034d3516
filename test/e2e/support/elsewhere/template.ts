/** The packaged template, fitted for an emulator beside which our SageMaker runs: services and zips stay as they are. */

interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

interface FunctionProperties {
  readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
}

interface RuleProperties {
  readonly EventPattern?: { readonly source?: readonly unknown[] };
}

/** PutEvents refuses sources that begin with `aws.`, as AWS does: our SageMaker's events come from here instead. */
export const standInSource = (source: string): string => source.replace(/^aws\./, 'stand-in.');

/** Adds `variables` to every function's environment, and the stand-in source to every rule on SageMaker's events. */
export function fitTemplate(template: Template, variables: Readonly<Record<string, string>>): Template {
  const fitted = Object.entries(template.Resources).map(([name, resource]) => [
    name,
    { ...resource, ...(resource.Properties && { Properties: fitProperties(resource, variables) }) },
  ]);
  return { ...template, Resources: Object.fromEntries(fitted) };
}

function fitProperties(
  { Type, Properties }: Resource,
  variables: Readonly<Record<string, string>>,
): Record<string, unknown> | undefined {
  switch (Type) {
    case 'AWS::Lambda::Function': {
      const { Environment } = Properties as FunctionProperties;
      return {
        ...Properties,
        Environment: { ...Environment, Variables: { ...Environment?.Variables, ...variables } },
      };
    }
    case 'AWS::Events::Rule': {
      const { EventPattern } = Properties as RuleProperties;
      if (!EventPattern?.source?.includes('aws.sagemaker')) return Properties;
      const source = [...EventPattern.source, standInSource('aws.sagemaker')];
      return { ...Properties, EventPattern: { ...EventPattern, source } };
    }
    default:
      return Properties;
  }
}
