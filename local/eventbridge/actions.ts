import type { Clock, Identity } from '../ports.ts';
import { checkInput } from './input.ts';
import { fieldsOf } from './pattern/flatten.ts';
import { compilePattern, matches } from './pattern/pattern.ts';
import { invalid, type Request } from './request.ts';
import { busName, destinationOf, type Rule, ruleArn } from './rule.ts';
import { limitExceeded, type Rules } from './rules.ts';

const MAX_LISTED = 100;
const MAX_TARGETS = 5;
const ALL_DONE = { FailedEntryCount: 0, FailedEntries: [] };

type Named = Request<'DescribeRule'>;
type OfRule = Pick<Request<'PutTargets'>, 'Rule' | 'EventBusName'>;

export interface RuleActionOptions {
  readonly rules: Rules;
  readonly clock: Clock;
  readonly identity: Identity;
  /** Called after a rule's schedule has come into force. */
  readonly onSchedule: (rule: Rule) => void;
}

/** The actions on rules, their targets and their buses. */
export function ruleActions({ rules, clock, identity, onSchedule }: RuleActionOptions) {
  const find = ({ Name, EventBusName }: Named) => rules.get(busName(EventBusName), Name);
  const findOf = ({ Rule, EventBusName }: OfRule) => rules.get(busName(EventBusName), Rule);
  const describe = ({ since: _since, targets: _targets, ...rule }: Rule) => ({
    ...rule,
    Arn: ruleArn(identity, rule),
  });

  function put(rule: Omit<Rule, 'since'>): void {
    const present = rules.find(rule.EventBusName, rule.Name);
    const isSame = present?.ScheduleExpression === rule.ScheduleExpression && present?.State === rule.State;
    // A rate goes on counting from where it began while nothing of the schedule changes.
    const since = present && isSame ? present.since : clock.now();
    rules.put({ ...rule, since });
    if (!isSame && rule.ScheduleExpression && rule.State !== 'DISABLED') onSchedule({ ...rule, since });
  }

  return {
    PutRule({ State = 'ENABLED', ...given }: Request<'PutRule'>) {
      const rule = { ...given, EventBusName: busName(given.EventBusName), State };
      put({ ...rule, targets: rules.find(rule.EventBusName, rule.Name)?.targets ?? [] });
      return { RuleArn: ruleArn(identity, rule) };
    },
    DescribeRule: (request: Named) => ({ ...describe(find(request)), CreatedBy: identity.account }),
    EnableRule: (request: Named) => put({ ...find(request), State: 'ENABLED' }),
    DisableRule: (request: Named) => put({ ...find(request), State: 'DISABLED' }),
    /** A rule that is not there is deleted already. */
    DeleteRule({ Name, EventBusName }: Named) {
      const rule = rules.find(busName(EventBusName), Name);
      if (rule && rule.targets.length > 0) throw invalid("Rule can't be deleted since it has targets.");
      if (rule) rules.delete(rule);
    },
    ListRules({ EventBusName, NamePrefix = '', ...page }: Request<'ListRules'>) {
      const found = rules.of(busName(EventBusName)).filter(({ Name }) => Name.startsWith(NamePrefix));
      const { items, NextToken } = pageOf(found, page);
      return { Rules: items.map(describe), NextToken };
    },
    PutTargets({ Targets, ...of }: Request<'PutTargets'>) {
      const rule = findOf(of);
      const byId = new Map([...rule.targets, ...Targets].map((target) => [target.Id, target]));
      if (byId.size > MAX_TARGETS) throw limitExceeded();
      for (const target of Targets) {
        destinationOf(target.Arn);
        checkInput(target);
      }
      rules.put({ ...rule, targets: [...byId.values()] });
      return ALL_DONE;
    },
    RemoveTargets({ Ids, ...of }: Request<'RemoveTargets'>) {
      const rule = findOf(of);
      rules.put({ ...rule, targets: rule.targets.filter(({ Id }) => !Ids.includes(Id)) });
      return ALL_DONE;
    },
    ListTargetsByRule(request: Request<'ListTargetsByRule'>) {
      const { items, NextToken } = pageOf(findOf(request).targets, request);
      return { Targets: items, NextToken };
    },
    ListEventBuses({ NamePrefix = '', ...page }: Request<'ListEventBuses'>) {
      const arn = `arn:aws:events:${identity.region}:${identity.account}:event-bus/`;
      const names = rules.buses().filter((name) => name.startsWith(NamePrefix));
      const { items, NextToken } = pageOf(names, page);
      return { EventBuses: items.map((Name) => ({ Name, Arn: arn + Name })), NextToken };
    },
    TestEventPattern({ EventPattern, Event }: Request<'TestEventPattern'>) {
      const pattern = compilePattern(EventPattern);
      const event = fieldsOf(Event);
      if (!event) throw invalid('Parameter Event is not valid.');
      return { Result: matches(pattern, event) };
    },
  };
}

/** One page of a listing; the token is the offset of the next. */
function pageOf<Item>(
  all: readonly Item[],
  { Limit = MAX_LISTED, NextToken = '0' }: Pick<Request<'ListRules'>, 'Limit' | 'NextToken'>,
) {
  if (!/^\d+$/.test(NextToken)) throw invalid('Parameter NextToken is not valid.');
  const to = Number(NextToken) + Limit;
  return { items: all.slice(Number(NextToken), to), NextToken: to < all.length ? String(to) : undefined };
}
