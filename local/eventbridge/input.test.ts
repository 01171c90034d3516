import { checkInput, inputFor } from './input.ts';
import type { Target } from './rule.ts';

const event = JSON.stringify({
  version: '0',
  id: 'e1',
  'detail-type': 'ModelTrained.v1',
  source: 'ratchet.training',
  account: '000000000000',
  time: '2026-01-01T00:00:00Z',
  region: 'eu-central-1',
  resources: [],
  detail: { model: 'm "1"', count: 3, valid: true, tags: ['A', 'B'], payload: { acc: 'x', n: 1 } },
});
const context = {
  ruleName: 'r',
  ruleArn: 'arn:aws:events:eu-central-1:0:rule/r',
  acceptedAt: Date.parse('2026-01-02T00:00:00.5Z'),
};
const sqs = (target: Partial<Target>): Target => ({
  Id: 't',
  Arn: 'arn:aws:sqs:eu-central-1:0:q',
  ...target,
});
const transform = (InputTemplate: string, arn = 'arn:aws:sqs:eu-central-1:0:q'): string => {
  const InputPathsMap = {
    model: '$.detail.model',
    count: '$.detail.count',
    valid: '$.detail.valid',
    tags: '$.detail.tags',
    payload: '$.detail.payload',
    missing: '$.detail.nothing',
    whole: '$',
  };
  return inputFor({ Id: 't', Arn: arn, InputTransformer: { InputPathsMap, InputTemplate } }, event, context);
};

describe('what a target receives', () => {
  it('is the event, the constant, or the part at the path', () => {
    expect(inputFor(sqs({}), event, context)).toBe(event);
    expect(inputFor(sqs({ Input: '{"k":1}' }), event, context)).toBe('{"k":1}');
    expect(inputFor(sqs({ InputPath: '$.detail.payload' }), event, context)).toBe('{"acc":"x","n":1}');
    expect(inputFor(sqs({ InputPath: "$['detail-type']" }), event, context)).toBe('"ModelTrained.v1"');
    expect(inputFor(sqs({ InputPath: '$.detail.tags[1]' }), event, context)).toBe('"B"');
    expect(inputFor(sqs({ InputPath: '$.detail.tags[*]' }), event, context)).toBe('["A","B"]');
  });

  it.each([
    [
      '{"m": <model>, "c": <count>, "t": <tags>, "p": <payload>}',
      { m: 'm "1"', c: 3, t: ['A', 'B'], p: { acc: 'x', n: 1 } },
    ],
    ['{"m": "run/<model>/<count>", "none": <missing>}', { m: 'run/m "1"/3', none: '' }],
    ['"<valid>: <payload> <tags> <missing>."', 'true: {acc:x,n:1} [A,B] .'],
    ['{"rule": "<aws.events.rule-name>", "arn": <aws.events.rule-arn>}', { rule: 'r', arn: context.ruleArn }],
    ['{"at": <aws.events.event.ingestion-time>}', { at: '2026-01-02T00:00:00Z' }],
    ['<aws.events.event.json>', JSON.parse(event)],
    ['{"id": "<count>"}', { id: '3' }],
    ['{"valid": <valid>, "text": "<valid>"}', { valid: true, text: 'true' }],
    ['{"list": [<model>, "fixed", <missing>]}', { list: ['m "1"', 'fixed', ''] }],
    [
      '{"deep": {"er": {"path": "runs/<model>"}}, "again": "<model>/<model>"}',
      { deep: { er: { path: 'runs/m "1"' } }, again: 'm "1"/m "1"' },
    ],
    ['[<tags>, <payload>]', [['A', 'B'], { acc: 'x', n: 1 }]],
    ['{"quoted": "say \\"<count>\\""}', { quoted: 'say "3"' }],
    ['"<tags> of <payload>"', '[A,B] of {acc:x,n:1}'],
    ['"{[/<count> begins oddly"', '{[/3 begins oddly'],
    ['"Rule <aws.events.rule-name> at <aws.events.event.ingestion-time>"', 'Rule r at 2026-01-02T00:00:00Z'],
    ['<payload>', { acc: 'x', n: 1 }],
    ['<model>', 'm "1"'],
    ['{"whole": <whole>}', { whole: JSON.parse(event) }],
  ])('quotes %s as AWS does', (template, expected) => {
    expect(JSON.parse(transform(template))).toEqual(expected);
  });

  it('gives the event without its detail', () => {
    const { detail: _detail, 'detail-type': detailType, ...rest } = JSON.parse(event);
    expect(JSON.parse(transform('{"e": <aws.events.event>}'))).toEqual({ e: { ...rest, detailType } });
  });

  it('keeps several quoted lines for a queue, and refuses what is not JSON', () => {
    expect(transform('"<count>"\n"<valid>"')).toBe('"3"\n"true"');
    expect(() => transform('"<count>"\n"<valid>"', 'arn:aws:lambda:eu-central-1:0:function:f')).toThrow(
      'not valid JSON',
    );
    expect(() => transform('{"p": "<payload>"}')).toThrow('not valid JSON');
    expect(() => transform('<tags> and more')).toThrow('not valid JSON');
  });

  it.each([
    [
      { Input: '{}', InputPath: '$' },
      'Only one of Input, InputPath, or InputTransformer must be provided for target t.',
    ],
    [
      { InputTransformer: { InputTemplate: '"<other>"' } },
      'InputTemplate for target t contains invalid placeholder other.',
    ],
    [{ Input: '{' }, 'JSON syntax error in input for target t.'],
    [{ InputPath: 'detail' }, 'Parameter InputPath is not valid.'],
  ])('refuses %j', (target, message) => {
    expect(() => checkInput(sqs(target))).toThrow(message);
  });
});
