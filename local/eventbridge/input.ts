import { AwsError } from '../aws-error.ts';
import { isoSeconds } from './envelope.ts';
import { invalid } from './request.ts';
import type { Target } from './rule.ts';

export interface InputContext {
  readonly ruleName: string;
  readonly ruleArn: string;
  /** Epoch milliseconds at which the event was accepted. */
  readonly acceptedAt: number;
}

type Document = Readonly<Record<string, unknown>>;

const PLACEHOLDER = /<([\w.-]+)>/g;
/** `$`, `$.a.b`, `$.a[0]`, `$.a[*].b`, `$['a-b']`: the JSON paths that EventBridge takes. */
const STEP = /\.([^.[\]\s]+)|\['([^']*)'\]|\[(\d+|\*)\]/g;
const JSON_PATH = new RegExp(`^\\$(?:${STEP.source})*$`);

const PREDEFINED: Readonly<Record<string, (event: Document, context: InputContext) => unknown>> = {
  'aws.events.rule-arn': (_event, { ruleArn }) => ruleArn,
  'aws.events.rule-name': (_event, { ruleName }) => ruleName,
  'aws.events.event.ingestion-time': (_event, { acceptedAt }) => isoSeconds(acceptedAt),
  'aws.events.event': ({ detail: _detail, 'detail-type': detailType, ...rest }) => ({ ...rest, detailType }),
  'aws.events.event.json': (event) => event,
};

/** The text that a target receives for an event. Throws InvalidTargetInput when a transformer's output is not
 * JSON: EventBridge does not deliver such an event.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
export function inputFor(target: Target, event: string, context: InputContext): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath === undefined && !target.InputTransformer) return event;
  const document: Document = JSON.parse(event);
  if (!target.InputTransformer) return JSON.stringify(valueAt(document, target.InputPath ?? '$') ?? null);
  const { InputPathsMap: paths = {}, InputTemplate: template } = target.InputTransformer;
  const text = fill(template, (name) =>
    Object.hasOwn(paths, name) ? valueAt(document, paths[name]!) : PREDEFINED[name]?.(document, context),
  );
  const isSingle = target.Arn.split(':')[2] === 'lambda' || startsJson(template);
  if ((isSingle ? [text] : text.split('\n')).every(isJson)) return text;
  const reason = `The input transformer's output is not valid JSON: ${text.slice(0, 200)}`;
  throw new AwsError('InvalidTargetInput', reason);
}

/** The part of a document that a JSON path names, undefined when there is none. */
function valueAt(document: unknown, path: string): unknown {
  const steps = [...path.matchAll(STEP)].map(([, name, quoted, index]) => name ?? quoted ?? index!);
  return follow(document, steps);
}

function follow(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  if (step === '*' && Array.isArray(value)) {
    return value.map((item) => follow(item, rest)).filter((item) => item !== undefined);
  }
  return Object.hasOwn(value, step) ? follow((value as Document)[step], rest) : undefined;
}

/** A template that is a JSON document; otherwise it is one or more lines of quoted text. */
function startsJson(template: string): boolean {
  return /^\s*[{[]/.test(template);
}

/** Replaces `<name>` as EventBridge does: outside quotes by the value's JSON, inside quotes by its bare text,
 * where objects and arrays lose their own quotes (in a JSON template they keep them, and break it). What is missing
 * is an empty text. */
function fill(template: string, look: (name: string) => unknown): string {
  const keepsQuotes = startsJson(template);
  return template.replace(PLACEHOLDER, (_whole, name: string, at: number) => {
    const value = look(name) ?? '';
    const json = JSON.stringify(value);
    if (!isQuoted(template, at)) return json;
    if (typeof value === 'string') return json.slice(1, -1);
    return keepsQuotes ? json : json.replaceAll('"', '');
  });
}

function isQuoted(template: string, at: number): boolean {
  const quotes = template.slice(0, at).replaceAll(/\\./g, '').match(/"/g);
  return (quotes?.length ?? 0) % 2 === 1;
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
export function checkInput({ Id: id, Input, InputPath, InputTransformer }: Target): void {
  if ([Input, InputPath, InputTransformer].filter((given) => given !== undefined).length > 1) {
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`);
  }
  if (Input !== undefined && !isJson(Input)) throw invalid(`JSON syntax error in input for target ${id}.`);
  const paths = InputTransformer?.InputPathsMap ?? {};
  const notPath = [InputPath ?? '$', ...Object.values(paths)].find((path) => !JSON_PATH.test(path));
  if (notPath !== undefined)
    throw invalid(`Parameter InputPath is not valid. Reason: ${notPath} is not a JSON path.`);
  const names = [...(InputTransformer?.InputTemplate.matchAll(PLACEHOLDER) ?? [])].map(([, name]) => name!);
  const unknown = names.find((name) => !Object.hasOwn(paths, name) && !Object.hasOwn(PREDEFINED, name));
  if (unknown) throw invalid(`InputTemplate for target ${id} contains invalid placeholder ${unknown}.`);
}
