import type { Clock, Identity, JsonAction } from '../ports.ts';
import { type Fields, flatten } from './pattern/flatten.ts';
import { compilePattern, matches } from './pattern/pattern.ts';
import { busName, checkName, DEFAULT_BUS, invalid, optionalText, type Rule, ruleArn, text } from './rule.ts';
import type { Rules } from './rules.ts';
import { parseSchedule } from './schedule.ts';

const MAX_LISTED = 100;

export interface RuleActionOptions {
  readonly rules: Rules;
  readonly clock: Clock;
  readonly identity: Identity;
}

/** PutRule, DeleteRule, ListRules, TestEventPattern.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html */
export function ruleActions({ rules, clock, identity }: RuleActionOptions): Record<string, JsonAction> {
  return {
    PutRule(input) {
      const bus = busName(input.EventBusName);
      const name = text(input, 'Name');
      const present = rules.find(bus, name);
      const rule: Rule = {
        name,
        bus,
        pattern: optionalText(input, 'EventPattern'),
        schedule: optionalText(input, 'ScheduleExpression'),
        enabled: input.State !== 'DISABLED',
        description: optionalText(input, 'Description'),
        since: clock.now(),
        targets: present?.targets ?? [],
      };
      checkRule(rule);
      rules.put(keepSince(rule, present));
      return { RuleArn: ruleArn(identity, bus, name) };
    },

    DeleteRule(input) {
      const bus = busName(input.EventBusName);
      const rule = rules.find(bus, text(input, 'Name'));
      if (rule && rule.targets.length > 0) throw invalid("Rule can't be deleted since it has targets.");
      if (rule) rules.delete(bus, rule.name);
      return {};
    },

    ListRules(input) {
      const bus = busName(input.EventBusName);
      const prefix = optionalText(input, 'NamePrefix') ?? '';
      const all = rules.of(bus).filter(({ name }) => name.startsWith(prefix));
      const page = pageOf(all, input);
      return { Rules: page.items.map((rule) => describe(identity, rule)), NextToken: page.nextToken };
    },

    TestEventPattern(input) {
      const pattern = compilePattern(text(input, 'EventPattern'));
      return { Result: matches(pattern, parseEvent(text(input, 'Event'))) };
    },
  };
}

/** Checks a rule's schedule and name; its pattern is checked where it is compiled. Throws ValidationException. */
export function checkRule({ name, bus, pattern, schedule, since }: Rule): void {
  checkName(name, 'name');
  if (schedule === undefined) {
    if (pattern === undefined)
      throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
    return;
  }
  if (bus !== DEFAULT_BUS) throw invalid('ScheduleExpression is supported only on the default event bus.');
  parseSchedule(schedule, since, 1);
}

/** A rate goes on counting from where it began while its expression stays the same. */
export function keepSince(rule: Rule, present: Rule | undefined): Rule {
  return present && present.schedule === rule.schedule ? { ...rule, since: present.since } : rule;
}

function describe(identity: Identity, rule: Rule) {
  return {
    Name: rule.name,
    Arn: ruleArn(identity, rule.bus, rule.name),
    EventPattern: rule.pattern,
    ScheduleExpression: rule.schedule,
    State: rule.enabled ? 'ENABLED' : 'DISABLED',
    Description: rule.description,
    EventBusName: rule.bus,
  };
}

/** One page of a listing; the token is the offset of the next. */
export function pageOf<Item>(items: readonly Item[], { Limit, NextToken }: Record<string, unknown>) {
  const from = NextToken === undefined ? 0 : Number(NextToken);
  if (!Number.isInteger(from) || from < 0) throw invalid('Parameter NextToken is not valid.');
  const to = from + (typeof Limit === 'number' ? Limit : MAX_LISTED);
  return { items: items.slice(from, to), nextToken: to < items.length ? String(to) : undefined };
}

function parseEvent(json: string): Fields {
  try {
    const event: unknown = JSON.parse(json);
    if (typeof event === 'object' && event !== null && !Array.isArray(event)) return flatten(event);
  } catch {
    // Refused below.
  }
  throw invalid('Parameter Event is not valid.');
}
