import { answerJson } from '../json-protocol.ts';
import type {
  Clock,
  CloudService,
  Identity,
  InvokeAsync,
  PublishServiceEvent,
  SendToQueue,
} from '../ports.ts';
import { DeliveryWorker } from './delivery.ts';
import { type Disturb, undisturbed } from './disturbance.ts';
import { type EventParts, envelope } from './envelope.ts';
import { type Fields, flatten } from './pattern/flatten.ts';
import { type AcceptEvent, putEvents } from './put-events.ts';
import {
  DEFAULT_BUS,
  type InputTransformer,
  type RetryPolicy,
  type Rule,
  ruleArn,
  type Target,
} from './rule.ts';
import { checkRule, keepSince, ruleActions } from './rule-actions.ts';
import { Rules } from './rules.ts';
import { Scheduler } from './scheduler.ts';
import { openStore } from './store.ts';
import { checkTargets, targetActions } from './target-actions.ts';

export interface EventBridgeOptions {
  /** Folder of the state; created when missing. */
  readonly dir: string;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly invokeAsync: InvokeAsync;
  readonly sendToQueue: SendToQueue;
  /** Loses, doubles or delays deliveries, for tests; none by default. */
  readonly disturb?: Disturb | undefined;
}

/** A rule as a template declares it, with all its targets. */
export interface RuleDeclaration extends Pick<Rule, 'name' | 'bus' | 'schedule' | 'enabled'> {
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

/** When (milliseconds from now) an event is handed to a target: once for each. */
type DelaysOf = (rule: Rule, target: Target) => readonly number[];

/** EventBridge on node:sqlite: buses, rules, the pattern language, delivery at least once, schedules. */
export function createEventBridge(options: EventBridgeOptions): EventBridgeService {
  const { clock, identity, disturb = undisturbed } = options;
  const store = openStore(options.dir);
  const rules = new Rules(store);
  const worker = new DeliveryWorker({ ...options, store });

  const deliver = (to: Iterable<Rule>, event: string, delaysOf: DelaysOf): void => {
    const acceptedAt = clock.now();
    const deliveries = [...to].flatMap((rule) =>
      rule.targets.flatMap((target) =>
        delaysOf(rule, target).map((delay) => {
          const dueAt = Math.ceil(acceptedAt + delay);
          return { bus: rule.bus, rule: rule.name, target, event, acceptedAt, dueAt };
        }),
      ),
    );
    store.accept(deliveries);
    worker.wake();
  };

  const accept: AcceptEvent = (bus, parts) => {
    const event = envelope(identity, parts);
    let fields: Fields | undefined;
    // AWS, too, takes an event for a bus that does not exist, and drops it.
    if (rules.hasBus(bus)) {
      deliver(
        rules.matching(bus, parts, () => (fields ??= flatten(JSON.parse(event.json)))),
        event.json,
        (rule, { Arn }) =>
          disturb({ bus, rule: rule.name, target: Arn, source: parts.source, detailType: parts.detailType }),
      );
    }
    return event.id;
  };

  const scheduler = new Scheduler({
    clock,
    fire(rule, time) {
      const resources = [ruleArn(identity, rule.bus, rule.name)];
      const parts: EventParts = {
        source: 'aws.events',
        detailType: 'Scheduled Event',
        detail: '{}',
        resources,
        time,
      };
      deliver([rule], envelope(identity, parts).json, () => [0]);
    },
  });
  const actions = {
    PutEvents: putEvents(accept, clock.now),
    ...ruleActions({ rules, clock, identity }),
    ...targetActions(rules),
  };
  return {
    actions: Object.keys(actions),
    createBus: (name) => rules.addBus(name),
    putRule({ name, bus, pattern, schedule, enabled, targets }) {
      const rule: Rule = {
        name,
        bus,
        pattern: pattern && JSON.stringify(pattern),
        schedule,
        enabled,
        since: clock.now(),
        targets: targets.map(toTarget),
      };
      checkRule(rule);
      checkTargets(rule.targets);
      rules.put(keepSince(rule, rules.find(bus, name)));
    },
    async publish({ source, detailType, detail, resources = [], time = clock.now() }) {
      accept(DEFAULT_BUS, { source, detailType, detail: JSON.stringify(detail), resources, time });
    },
    start() {
      worker.start();
      scheduler.set(rules.all());
      rules.onChange = () => scheduler.set(rules.all());
    },
    handle: (request) => answerJson(request, { version: '1.1', actions }),
    async close() {
      rules.onChange = () => {};
      scheduler.close();
      await worker.close();
      store.close();
    },
  };
}

function toTarget(declared: TargetDeclaration): Target {
  return {
    Id: declared.id,
    Arn: declared.arn,
    Input: declared.input,
    InputPath: declared.inputPath,
    InputTransformer: declared.inputTransformer,
    DeadLetterConfig:
      declared.deadLetterQueueArn === undefined ? undefined : { Arn: declared.deadLetterQueueArn },
    RetryPolicy: declared.retryPolicy,
  };
}
