import { AwsError } from '../aws-error.ts';
import { isoSeconds } from './envelope.ts';
import { isJsonPath, valueAt } from './json-path.ts';
import { invalid, type Target } from './rule.ts';

export interface InputContext {
  readonly ruleName: string;
  readonly ruleArn: string;
  /** Epoch milliseconds at which the event was accepted. */
  readonly acceptedAt: number;
}

const PLACEHOLDER = /<([\w.-]+)>/g;
const PREDEFINED = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
]);

/** The text that a target receives for an event. Throws InvalidTargetInput when a transformer's output is not
 * JSON: EventBridge does not deliver such an event. */
export function inputFor(target: Target, event: string, context: InputContext): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined)
    return JSON.stringify(valueAt(JSON.parse(event), target.InputPath) ?? null);
  if (!target.InputTransformer) return event;
  const { InputPathsMap = {}, InputTemplate } = target.InputTransformer;
  const document = JSON.parse(event) as Record<string, unknown>;
  const values = new Map<string, unknown>(predefined(document, context));
  for (const [name, path] of Object.entries(InputPathsMap)) values.set(name, valueAt(document, path));
  const text = fill(InputTemplate, values);
  const single = target.Arn.split(':')[2] === 'lambda' || startsJson(InputTemplate);
  if ((single ? [text] : text.split('\n')).every(isJson)) return text;
  throw new AwsError(
    'InvalidTargetInput',
    `The input transformer's output is not valid JSON: ${text.slice(0, 200)}`,
  );
}

/** A template that is a JSON document; otherwise it is one or more lines of quoted text. */
function startsJson(template: string): boolean {
  return /^\s*[{[]/.test(template);
}

/** Replaces `<name>` as EventBridge does: outside quotes by the value's JSON, inside quotes by its bare text,
 * where objects and arrays lose their own quotes (in a JSON template they keep them, and break it). */
function fill(template: string, values: ReadonlyMap<string, unknown>): string {
  const json = startsJson(template);
  return template.replace(PLACEHOLDER, (_whole, name: string, at: number) => {
    const value = values.get(name) ?? '';
    const text = JSON.stringify(value);
    if (!insideQuotes(template, at)) return text;
    if (typeof value === 'string') return text.slice(1, -1);
    return json ? text : text.replaceAll('"', '');
  });
}

function insideQuotes(template: string, at: number): boolean {
  const quotes = template.slice(0, at).replaceAll(/\\./g, '').match(/"/g);
  return (quotes?.length ?? 0) % 2 === 1;
}

function predefined(event: Record<string, unknown>, context: InputContext): [string, unknown][] {
  const { detail: _detail, 'detail-type': detailType, ...rest } = event;
  return [
    ['aws.events.rule-arn', context.ruleArn],
    ['aws.events.rule-name', context.ruleName],
    ['aws.events.event.ingestion-time', isoSeconds(context.acceptedAt)],
    ['aws.events.event', { ...rest, detailType }],
    ['aws.events.event.json', event],
  ];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Checks a target's input settings as PutTargets does. Throws ValidationException. */
export function checkInput(target: Target): void {
  const { Id: id, Input: input, InputPath: inputPath, InputTransformer: transformer } = target;
  if ([input, inputPath, transformer].filter((given) => given !== undefined).length > 1) {
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`);
  }
  const paths = transformer?.InputPathsMap ?? {};
  for (const path of [inputPath ?? '$', ...Object.values(paths)]) {
    if (!isJsonPath(path))
      throw invalid(`Parameter InputPath is not valid. Reason: ${path} is not a JSON path.`);
  }
  for (const [, name = ''] of transformer?.InputTemplate.matchAll(PLACEHOLDER) ?? []) {
    if (Object.hasOwn(paths, name) || PREDEFINED.has(name)) continue;
    throw invalid(`InputTemplate for target ${id} contains invalid placeholder ${name}.`);
  }
  if (input !== undefined && !isJson(input)) throw invalid(`JSON syntax error in input for target ${id}.`);
}
