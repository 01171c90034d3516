import type { Clock, Identity } from '../ports.ts';
import { checkInput } from './input.ts';
import { type Fields, flatten } from './pattern/flatten.ts';
import { compilePattern, matches } from './pattern/pattern.ts';
import { invalid } from './request.ts';
import { busName, destinationOf, type Rule, ruleArn, type Target } from './rule.ts';
import { limitExceeded, type Rules } from './rules.ts';

const MAX_LISTED = 100;
const MAX_TARGETS = 5;
const ALL_DONE = { FailedEntryCount: 0, FailedEntries: [] };

interface OnBus {
  readonly EventBusName?: string;
}
interface Named extends OnBus {
  readonly Name: string;
}
interface OfRule extends OnBus {
  readonly Rule: string;
}
interface Page {
  readonly Limit?: number;
  readonly NextToken?: string;
}
interface Prefixed extends Page {
  readonly NamePrefix?: string;
}

export interface RuleActionOptions {
  readonly rules: Rules;
  readonly clock: Clock;
  readonly identity: Identity;
}

/** The actions on rules, their targets and their buses; `checked` guards their input.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html */
export function ruleActions({ rules, clock, identity }: RuleActionOptions) {
  const find = ({ Name, EventBusName }: Named) => rules.get(busName(EventBusName), Name);
  const findOf = ({ Rule, EventBusName }: OfRule) => rules.get(busName(EventBusName), Rule);
  const describe = ({ since: _since, targets: _targets, ...rule }: Rule) => ({
    ...rule,
    Arn: ruleArn(identity, rule),
  });
  return {
    PutRule({ EventPattern, ScheduleExpression, State = 'ENABLED', ...given }: Named & Partial<Rule>) {
      const rule = { ...given, EventBusName: busName(given.EventBusName) };
      const present = rules.find(rule.EventBusName, rule.Name);
      // A rate goes on counting from where it began while its expression stays the same.
      const isSame = present?.ScheduleExpression === ScheduleExpression;
      rules.put({
        ...rule,
        EventPattern: EventPattern || undefined,
        ScheduleExpression: ScheduleExpression || undefined,
        State,
        since: isSame && present ? present.since : clock.now(),
        targets: present?.targets ?? [],
      });
      return { RuleArn: ruleArn(identity, rule) };
    },
    DescribeRule: (input: Named) => ({ ...describe(find(input)), CreatedBy: identity.account }),
    EnableRule: (input: Named) => rules.put({ ...find(input), State: 'ENABLED' }),
    DisableRule: (input: Named) => rules.put({ ...find(input), State: 'DISABLED' }),
    /** A rule that is not there is deleted already. */
    DeleteRule({ Name, EventBusName }: Named) {
      const rule = rules.find(busName(EventBusName), Name);
      if (rule && rule.targets.length > 0) throw invalid("Rule can't be deleted since it has targets.");
      if (rule) rules.delete(rule.EventBusName, Name);
    },
    ListRules({ EventBusName, NamePrefix = '', ...page }: OnBus & Prefixed) {
      const found = rules.of(busName(EventBusName)).filter(({ Name }) => Name.startsWith(NamePrefix));
      const { items, NextToken } = pageOf(found, page);
      return { Rules: items.map(describe), NextToken };
    },
    PutTargets({ Targets, ...of }: OfRule & { readonly Targets: readonly Target[] }) {
      const rule = findOf(of);
      const targets = [
        ...new Map([...rule.targets, ...Targets].map((target) => [target.Id, target])).values(),
      ];
      if (targets.length > MAX_TARGETS) throw limitExceeded();
      for (const target of Targets) {
        destinationOf(target.Arn);
        checkInput(target);
      }
      rules.put({ ...rule, targets });
      return ALL_DONE;
    },
    RemoveTargets({ Ids, ...of }: OfRule & { readonly Ids: readonly string[] }) {
      const rule = findOf(of);
      rules.put({ ...rule, targets: rule.targets.filter(({ Id }) => !Ids.includes(Id)) });
      return ALL_DONE;
    },
    ListTargetsByRule(input: OfRule & Page) {
      const { items, NextToken } = pageOf(findOf(input).targets, input);
      return { Targets: items, NextToken };
    },
    ListEventBuses({ NamePrefix = '', ...page }: Prefixed) {
      const Arn = (name: string) => `arn:aws:events:${identity.region}:${identity.account}:event-bus/${name}`;
      const names = rules.buses().filter((name) => name.startsWith(NamePrefix));
      const { items, NextToken } = pageOf(names, page);
      return { EventBuses: items.map((Name) => ({ Name, Arn: Arn(Name) })), NextToken };
    },
    TestEventPattern({ EventPattern, Event }: { readonly EventPattern: string; readonly Event: string }) {
      const pattern = compilePattern(EventPattern);
      return { Result: matches(pattern, parseEvent(Event)) };
    },
  };
}

/** One page of a listing; the token is the offset of the next. */
function pageOf<Item>(all: readonly Item[], { Limit = MAX_LISTED, NextToken = '0' }: Page) {
  if (!/^\d+$/.test(NextToken)) throw invalid('Parameter NextToken is not valid.');
  const to = Number(NextToken) + Limit;
  return { items: all.slice(Number(NextToken), to), NextToken: to < all.length ? String(to) : undefined };
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
