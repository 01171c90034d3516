import { join } from 'node:path';
import { AwsError } from '../aws-error.ts';
import { answerJson } from '../json-protocol.ts';
import type {
  Clock,
  CloudService,
  Identity,
  InvokeAsync,
  PublishServiceEvent,
  SendToQueue,
} from '../ports.ts';
import { Sqlite } from '../sqlite.ts';
import { ruleActions } from './actions.ts';
import { createDeliveries, type Handover } from './deliveries.ts';
import { type Disturb, undisturbed } from './disturbance.ts';
import { type EventParts, envelope } from './envelope.ts';
import { createGroupCommit } from './group-commit.ts';
import { type Fields, flatten } from './pattern/flatten.ts';
import { type AcceptEvent, putEvents } from './put-events.ts';
import { checked } from './request.ts';
import {
  DEFAULT_BUS,
  type InputTransformer,
  type RetryPolicy,
  type Rule,
  ruleArn,
  type Target,
} from './rule.ts';
import { RULES_SCHEMA, Rules } from './rules.ts';
import { createScheduler } from './scheduler.ts';

export interface EventBridgeOptions {
  /** Folder of the state; created when missing. */
  readonly dir: string;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly invokeAsync: InvokeAsync;
  readonly sendToQueue: SendToQueue;
  /** Loses, doubles or delays deliveries, for tests; none by default. */
  readonly disturb?: Disturb | undefined;
  /** Whether PutEvents refuses an entry of this source, for a passing reason; never by default. */
  readonly refuseEntry?: ((source: string) => boolean) | undefined;
}

/** A rule as a template declares it, with all its targets. */
export interface RuleDeclaration {
  readonly name: string;
  readonly bus: string;
  readonly schedule?: string | undefined;
  readonly enabled: boolean;
  /** The event pattern, not its JSON. */
  readonly pattern?: Readonly<Record<string, unknown>> | undefined;
  readonly targets: readonly TargetDeclaration[];
}

/** A target; the nested members are spelt as in the API and in CloudFormation. */
export interface TargetDeclaration {
  readonly id: string;
  readonly arn: string;
  readonly input?: string | undefined;
  readonly inputPath?: string | undefined;
  readonly inputTransformer?: InputTransformer | undefined;
  readonly deadLetterQueueArn?: string | undefined;
  readonly retryPolicy?: RetryPolicy | undefined;
}

export interface EventBridgeService extends CloudService {
  /** The names of the API actions that it answers. */
  readonly actions: readonly string[];
  createBus(name: string): void;
  /** Creates or replaces a rule and its targets. Throws AwsError as PutRule and PutTargets do. */
  putRule(rule: RuleDeclaration): void;
  /** Accepts a service's event on the default bus. */
  readonly publish: PublishServiceEvent;
  /** Begins delivery and schedules; before it, events are only stored. */
  start(): void;
}

/** EventBridge on node:sqlite: buses, rules, the pattern language, delivery at least once, schedules. */
export function createEventBridge(options: EventBridgeOptions): EventBridgeService {
  const { clock, identity, disturb = undisturbed } = options;
  const db = new Sqlite(join(options.dir, 'eventbridge.sqlite'), RULES_SCHEMA);
  const rules = new Rules(db);
  const deliveries = createDeliveries({ ...options, db });
  const accepted = createGroupCommit<{ item: Handover; dueAt: number }>((items) => deliveries.add(items));

  /** Accepts an event for each target of a rule, once for each delay (milliseconds). */
  const handovers = (rule: Rule, event: string, delaysOf: (target: Target) => readonly number[]) =>
    rule.targets.flatMap((target) =>
      delaysOf(target).map((delay) => ({
        item: { Name: rule.Name, EventBusName: rule.EventBusName, target, event },
        dueAt: clock.now() + delay,
      })),
    );

  const accept: AcceptEvent = async (bus, parts) => {
    const event = envelope(identity, parts);
    const { source, detailType } = parts;
    let fields: Fields | undefined;
    const matching = rules.matching(bus, parts, () => (fields ??= flatten(JSON.parse(event.json))));
    const items = [...matching].flatMap((rule) =>
      handovers(rule, event.json, ({ Arn }) =>
        disturb({ bus, rule: rule.Name, target: Arn, source, detailType }),
      ),
    );
    if (items.length > 0) await accepted.add(items);
    return event.id;
  };

  const scheduler = createScheduler({
    clock,
    fire(rule, time) {
      const resources = [ruleArn(identity, rule)];
      const what = { source: 'aws.events', detailType: 'Scheduled Event', detail: '{}' };
      deliveries.add(handovers(rule, envelope(identity, { ...what, resources, time }).json, () => [0]));
    },
  });
  const onRules = ruleActions({ rules, clock, identity });
  const admit: AcceptEvent = (bus, parts) => {
    if (options.refuseEntry?.(parts.source)) throw new AwsError('ThrottlingException', 'Rate exceeded');
    return accept(bus, parts);
  };
  const actions = checked({ PutEvents: putEvents(admit, clock.now), ...onRules });
  const setSchedules = () => scheduler.set(rules.of(DEFAULT_BUS));
  return {
    actions: Object.keys(actions),
    createBus: (name) => rules.addBus(name),
    putRule({ name: Name, bus: EventBusName, pattern, schedule: ScheduleExpression, enabled, targets }) {
      const EventPattern = pattern && JSON.stringify(pattern);
      const State = enabled ? 'ENABLED' : 'DISABLED';
      db.transaction(() => {
        onRules.PutRule({ Name, EventBusName, EventPattern, ScheduleExpression, State });
        rules.put({ ...rules.get(EventBusName, Name), targets: [] });
        onRules.PutTargets({ Rule: Name, EventBusName, Targets: targets.map(toTarget) });
      });
    },
    async publish({ source, detailType, detail, resources = [], time = clock.now() }) {
      const parts: EventParts = { source, detailType, detail: JSON.stringify(detail), resources, time };
      await accept(DEFAULT_BUS, parts);
    },
    start() {
      deliveries.start();
      setSchedules();
      rules.onChange = setSchedules;
    },
    handle: (request) => answerJson(request, { version: '1.1', actions }),
    async close() {
      rules.onChange = () => {};
      scheduler.close();
      accepted.flush();
      await deliveries.close();
      db.close();
    },
  };
}

function toTarget(declared: TargetDeclaration): Target {
  const { deadLetterQueueArn: queue } = declared;
  return {
    Id: declared.id,
    Arn: declared.arn,
    Input: declared.input,
    InputPath: declared.inputPath,
    InputTransformer: declared.inputTransformer,
    DeadLetterConfig: queue === undefined ? undefined : { Arn: queue },
    RetryPolicy: declared.retryPolicy,
  };
}
