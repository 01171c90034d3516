import { AwsError } from '../aws-error.ts';
import type { Fields } from './pattern/flatten.ts';
import { type Condition, compilePattern, holds } from './pattern/pattern.ts';
import type { Rule } from './rule.ts';
import type { EventBridgeStore } from './store.ts';

interface Entry {
  readonly rule: Rule;
  readonly conditions: readonly Condition[];
}

/** One bus: its rules by name, and their patterns' alternatives by the source and detail-type that they ask for. */
interface Bus {
  readonly rules: Map<string, Rule>;
  index: ReadonlyMap<string, readonly Entry[]>;
}

/** The rules of every bus, in memory as in the store. */
export class Rules {
  readonly #store: EventBridgeStore;
  readonly #buses = new Map<string, Bus>();
  /** Called after any rule has changed. */
  onChange = (): void => {};

  constructor(store: EventBridgeStore) {
    this.#store = store;
    for (const name of store.buses()) this.#buses.set(name, { rules: new Map(), index: new Map() });
    for (const rule of store.rules()) this.#bus(rule.bus).rules.set(rule.name, rule);
    for (const bus of this.#buses.values()) bus.index = buildIndex(bus.rules.values());
  }

  addBus(name: string): void {
    this.#store.addBus(name);
    if (!this.#buses.has(name)) this.#buses.set(name, { rules: new Map(), index: new Map() });
  }

  hasBus(name: string): boolean {
    return this.#buses.has(name);
  }

  /** A bus's rules, by name. Throws ResourceNotFoundException when there is no such bus. */
  of(bus: string): readonly Rule[] {
    return [...this.#bus(bus).rules.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  all(): Rule[] {
    return [...this.#buses.values()].flatMap(({ rules }) => [...rules.values()]);
  }

  find(bus: string, name: string): Rule | undefined {
    return this.#bus(bus).rules.get(name);
  }

  /** Throws ResourceNotFoundException when there is no such rule. */
  get(bus: string, name: string): Rule {
    const rule = this.find(bus, name);
    if (!rule) throw notFound(`Rule ${name} does not exist on EventBus ${bus}.`);
    return rule;
  }

  put(rule: Rule): void {
    const bus = this.#bus(rule.bus);
    if (rule.pattern !== undefined) compilePattern(rule.pattern);
    this.#store.putRule(rule);
    bus.rules.set(rule.name, rule);
    this.#changed(bus);
  }

  delete(busName: string, name: string): void {
    const bus = this.#bus(busName);
    this.#store.deleteRule(busName, name);
    bus.rules.delete(name);
    this.#changed(bus);
  }

  /** The enabled rules of a bus whose pattern an event matches. */
  matching(bus: string, event: { source: string; detailType: string }, fields: () => Fields): Set<Rule> {
    const { index } = this.#bus(bus);
    const found = new Set<Rule>();
    for (const source of [event.source, undefined]) {
      for (const detailType of [event.detailType, undefined]) {
        for (const { rule, conditions } of index.get(key(source, detailType)) ?? []) {
          if (!found.has(rule) && holds(conditions, fields())) found.add(rule);
        }
      }
    }
    return found;
  }

  #changed(bus: Bus): void {
    bus.index = buildIndex(bus.rules.values());
    this.onChange();
  }

  #bus(name: string): Bus {
    const bus = this.#buses.get(name);
    if (!bus) throw notFound(`Event bus ${name} does not exist.`);
    return bus;
  }
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}

function buildIndex(rules: Iterable<Rule>): ReadonlyMap<string, Entry[]> {
  const index = new Map<string, Entry[]>();
  for (const rule of rules) {
    if (!rule.enabled || rule.pattern === undefined) continue;
    for (const conditions of compilePattern(rule.pattern).alternatives) {
      for (const name of keysOf(conditions))
        index.set(name, [...(index.get(name) ?? []), { rule, conditions }]);
    }
  }
  return index;
}

function keysOf(conditions: readonly Condition[]): Set<string> {
  const sources = exactTexts(conditions, 'source');
  const detailTypes = exactTexts(conditions, 'detail-type');
  return new Set(sources.flatMap((source) => detailTypes.map((detailType) => key(source, detailType))));
}

/** The texts that a field must equal one of; `[undefined]` when the conditions leave it open. */
function exactTexts(conditions: readonly Condition[], path: string): readonly (string | undefined)[] {
  const texts = conditions
    .find((condition) => condition.path === path)
    ?.matchers.map((matcher) => (matcher.kind === 'exact' ? matcher.value : undefined));
  return texts?.every((text) => typeof text === 'string') ? texts : [undefined];
}

function key(source: string | undefined, detailType: string | undefined): string {
  return JSON.stringify([source, detailType]);
}
