import { AwsError } from '../aws-error.ts';
import type { JsonAction } from '../ports.ts';
import { checkInput } from './input.ts';
import { busName, checkName, destinationOf, invalid, optionalText, type Target, text } from './rule.ts';
import { pageOf } from './rule-actions.ts';
import type { Rules } from './rules.ts';

const MAX_TARGETS = 5;
const TEXTS = ['Id', 'Arn', 'RoleArn', 'Input', 'InputPath'];
const STRUCTURES = ['InputTransformer', 'DeadLetterConfig', 'RetryPolicy'];

/** PutTargets, RemoveTargets, ListTargetsByRule.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html */
export function targetActions(rules: Rules): Record<string, JsonAction> {
  const ruleOf = (input: Record<string, unknown>) =>
    rules.get(busName(input.EventBusName), text(input, 'Rule'));
  return {
    PutTargets(input) {
      const rule = ruleOf(input);
      const given = list(input, 'Targets').map((target) => (target ?? {}) as Record<string, unknown>);
      const byId = new Map(rule.targets.map((target) => [target.Id, target]));
      for (const target of given.map(parseTarget)) byId.set(target.Id, target);
      const targets = [...byId.values()];
      checkTargets(targets);
      rules.put({ ...rule, targets });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },

    RemoveTargets(input) {
      const rule = ruleOf(input);
      const ids = new Set(list(input, 'Ids'));
      rules.put({ ...rule, targets: rule.targets.filter(({ Id }) => !ids.has(Id)) });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },

    ListTargetsByRule(input) {
      const page = pageOf(ruleOf(input).targets, input);
      return { Targets: page.items, NextToken: page.nextToken };
    },
  };
}

/** Checks a rule's targets as PutTargets does. Throws ValidationException or LimitExceededException. */
export function checkTargets(targets: readonly Target[]): void {
  if (targets.length > MAX_TARGETS) {
    throw new AwsError(
      'LimitExceededException',
      'The requested resource exceeds the maximum number allowed.',
    );
  }
  for (const target of targets) {
    checkName(target.Id, 'targets.member.id');
    destinationOf(target.Arn);
    checkInput(target);
  }
}

function list(input: Record<string, unknown>, name: string): readonly unknown[] {
  const value = input[name];
  if (Array.isArray(value) && value.length > 0) return value;
  throw invalid(`1 validation error detected: '${name}' must be a list of at least one member`);
}

function parseTarget(given: Record<string, unknown>): Target {
  for (const member of Object.keys(given)) {
    if (!TEXTS.includes(member) && !STRUCTURES.includes(member)) {
      throw invalid(`The embedded cloud does not offer the target parameter ${member}.`);
    }
  }
  const texts = TEXTS.map((name) => [name, optionalText(given, name)]);
  const structures = STRUCTURES.map((name) => [name, given[name]]);
  text(given, 'Id');
  text(given, 'Arn');
  if (given.InputTransformer) text(given.InputTransformer as Record<string, unknown>, 'InputTemplate');
  return Object.fromEntries([...texts, ...structures]) as Target;
}
