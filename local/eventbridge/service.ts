import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { AwsError } from '../aws-error.ts';
import { createDeliveryQueue, type Outcome } from '../delivery-queue.ts';
import { answerJson } from '../json-protocol.ts';
import type { CloudService, PublishServiceEvent } from '../ports.ts';
import { Sqlite } from '../sqlite.ts';
import { ruleActions } from './actions.ts';
import { type DeliveryOptions, deliveries, type Tick, type Waiting } from './deliveries.ts';
import { type Disturb, undisturbed } from './disturbance.ts';
import { type EventParts, envelope } from './envelope.ts';
import { type AcceptEvent, putEvents } from './put-events.ts';
import { checked } from './request.ts';
import { DEFAULT_BUS, type Rule, ruleArn, type Target } from './rule.ts';
import { openRules, RULES_SCHEMA } from './rules.ts';
import { parseSchedule } from './schedule.ts';

const MAX_IN_FLIGHT = 32;

export interface EventBridgeOptions extends DeliveryOptions {
  /** Folder of the state; created when missing. */
  readonly dir: string;
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
  readonly targets: readonly Target[];
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
  const rules = openRules(db);
  const queue = createDeliveryQueue<Waiting>({
    db,
    table: 'handovers',
    now: clock.now,
    concurrency: MAX_IN_FLIGHT,
    ...deliveries(options, fire),
  });

  type Items = Parameters<typeof queue.add>[0][number][];
  let burst: { readonly items: Items; readonly stored: Promise<void> } | undefined;

  /** Stores what is accepted within one turn of the event loop at once: a burst costs one transaction. */
  function store(items: Items): Promise<void> {
    if (!burst) {
      const all: Items = [];
      const write = () => {
        burst = undefined;
        queue.add(all);
      };
      burst = { items: all, stored: setImmediate().then(write) };
    }
    burst.items.push(...items);
    return burst.stored;
  }

  function handovers(rule: Rule, event: string, delaysOf: (target: Target) => readonly number[]): Items {
    const { Name, EventBusName } = rule;
    return rule.targets.flatMap((target) =>
      delaysOf(target).map((delay) => ({
        item: { Name, EventBusName, target, event },
        dueAt: clock.now() + delay,
      })),
    );
  }

  async function accept(bus: string, parts: EventParts): Promise<string> {
    const { source, detailType } = parts;
    const { id, json, fields } = envelope(identity, parts);
    const items = rules
      .matching(bus, fields)
      .flatMap((rule) =>
        handovers(rule, json, ({ Arn: target }) =>
          disturb({ bus, rule: rule.Name, target, source, detailType }),
        ),
      );
    if (items.length > 0) await store(items);
    return id;
  }

  function nextTime({ ScheduleExpression = '', since }: Rule): number | undefined {
    return parseSchedule(ScheduleExpression, since, clock.scale)(clock.now());
  }

  /** Fires a schedule and puts its next time in place. A time that passed while nothing ran fires once, late. */
  function fire({ Name, since }: Tick): Outcome<Waiting> {
    const rule = rules.find(DEFAULT_BUS, Name);
    if (rule?.since !== since || rule.State === 'DISABLED') return 'done';
    const resources = [ruleArn(identity, rule)];
    const what = { source: 'aws.events', detailType: 'Scheduled Event', detail: '{}' };
    const event = envelope(identity, { ...what, resources, time: clock.now() });
    queue.add(handovers(rule, event.json, () => [0]));
    const next = nextTime(rule);
    return next === undefined ? 'done' : { afterMs: next - clock.now() };
  }

  function onSchedule(rule: Rule): void {
    const dueAt = nextTime(rule);
    if (dueAt !== undefined) queue.add([{ item: { Name: rule.Name, since: rule.since }, dueAt }]);
  }

  const onRules = ruleActions({ rules, clock, identity, onSchedule });
  const admit: AcceptEvent = (bus, parts) => {
    if (options.refuseEntry?.(parts.source)) throw new AwsError('ThrottlingException', 'Rate exceeded');
    return accept(bus, parts);
  };
  const actions = checked({ PutEvents: putEvents(admit, clock.now), ...onRules });
  return {
    actions: Object.keys(actions),
    createBus: (name) => rules.addBus(name),
    putRule({ name: Name, bus: EventBusName, pattern, schedule, enabled, targets }) {
      db.transaction(() => {
        onRules.PutRule({
          Name,
          EventBusName,
          State: enabled ? 'ENABLED' : 'DISABLED',
          ...(pattern && { EventPattern: JSON.stringify(pattern) }),
          ...(schedule && { ScheduleExpression: schedule }),
        });
        rules.put({ ...rules.get(EventBusName, Name), targets: [] });
        onRules.PutTargets({ Rule: Name, EventBusName, Targets: [...targets] });
      });
    },
    async publish({ source, detailType, detail, resources = [], time = clock.now() }) {
      await accept(DEFAULT_BUS, { source, detailType, detail: JSON.stringify(detail), resources, time });
    },
    start: () => queue.start(),
    handle: (request) => answerJson(request, { version: '1.1', actions }),
    async close() {
      await burst?.stored;
      await queue.close();
      db.close();
    },
  };
}
