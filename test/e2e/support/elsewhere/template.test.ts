import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageService } from '../../../../cli/package-service.ts';
import { fitTemplate, standInSource, type Template } from './template.ts';

describe('the packaged template for an emulator beside which our SageMaker runs', () => {
  let packaged: Template;
  let fitted: Template;

  beforeAll(async () => {
    const folder = await packageService();
    packaged = JSON.parse(readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'));
    fitted = fitTemplate(packaged, { AWS_ENDPOINT_URL_SAGEMAKER: 'http://127.0.0.1:1' });
  }, 120_000);

  const ofType = (template: Template, type: string) =>
    Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

  it('tells every function where SageMaker is, and leaves what else it is told', () => {
    const functions = ofType(packaged, 'AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(0);
    for (const [name, { Properties = {} }] of functions) {
      const { Variables } = Properties.Environment as { Variables: object };
      expect(fitted.Resources[name]?.Properties).toEqual({
        ...Properties,
        Environment: { Variables: { ...Variables, AWS_ENDPOINT_URL_SAGEMAKER: 'http://127.0.0.1:1' } },
      });
    }
  });

  it('lets SageMaker’s rules, and no other, hear the stand-in', () => {
    const sources = (template: Template) =>
      ofType(template, 'AWS::Events::Rule').map(
        ([, { Properties }]) => (Properties?.EventPattern as { source?: string[] } | undefined)?.source,
      );
    expect(sources(packaged)).toContainEqual(['aws.sagemaker']);
    expect(sources(fitted)).toEqual(
      sources(packaged).map((source) =>
        source?.includes('aws.sagemaker') ? ['aws.sagemaker', standInSource('aws.sagemaker')] : source,
      ),
    );
  });

  it('changes nothing else', () => {
    const others = ({ Resources }: Template) =>
      Object.entries(Resources).filter(
        ([, { Type }]) => Type !== 'AWS::Lambda::Function' && Type !== 'AWS::Events::Rule',
      );
    expect(others(fitted)).toEqual(others(packaged));
  });
});
