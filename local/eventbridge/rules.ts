import { AwsError } from '../aws-error.ts';
import type { Sqlite } from '../sqlite.ts';
import type { Fields } from './pattern/flatten.ts';
import { type Condition, compilePattern, holds, type Pattern } from './pattern/pattern.ts';
import { invalid } from './request.ts';
import { DEFAULT_BUS, type Rule } from './rule.ts';
import { parseSchedule } from './schedule.ts';

export const RULES_SCHEMA = `
  CREATE TABLE IF NOT EXISTS buses (name TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS bus_rules (bus TEXT, name TEXT, rule TEXT, PRIMARY KEY (bus, name)) WITHOUT ROWID;
`;
const MAX_RULES = 300;

interface Known {
  readonly rule: Rule;
  readonly pattern: Pattern;
}
type Index = Map<string, { readonly rule: Rule; readonly conditions: readonly Condition[] }[]>;

/** One bus: its rules by name, and their patterns' alternatives by the source and detail-type that they ask for. */
interface Bus {
  readonly known: Map<string, Known>;
  index: Index;
}

/** The rules of every bus, in memory as in the database. */
export class Rules {
  readonly #db: Sqlite;
  readonly #buses = new Map<string, Bus>();
  /** Called after any rule has changed. */
  onChange = (): void => {};

  constructor(db: Sqlite) {
    this.#db = db;
    this.addBus(DEFAULT_BUS);
    for (const { name } of db.all<{ name: string }>('SELECT name FROM buses')) this.addBus(name);
    for (const row of db.all<{ rule: string }>('SELECT rule FROM bus_rules'))
      this.#know(JSON.parse(row.rule));
    for (const bus of this.#buses.values()) bus.index = buildIndex(bus.known.values());
  }

  addBus(name: string): void {
    this.#db.run('INSERT OR IGNORE INTO buses VALUES (?)', name);
    if (!this.#buses.has(name)) this.#buses.set(name, { known: new Map(), index: new Map() });
  }

  buses(): string[] {
    return [...this.#buses.keys()].sort();
  }

  /** A bus's rules, by name. Throws ResourceNotFoundException when there is no such bus. */
  of(bus: string): readonly Rule[] {
    const rules = [...this.#bus(bus).known.values()].map(({ rule }) => rule);
    return rules.sort((a, b) => (a.Name < b.Name ? -1 : 1));
  }

  find(bus: string, name: string): Rule | undefined {
    return this.#bus(bus).known.get(name)?.rule;
  }

  /** Throws ResourceNotFoundException when there is no such rule. */
  get(bus: string, name: string): Rule {
    const rule = this.find(bus, name);
    if (!rule) throw notFound(`Rule ${name} does not exist on EventBus ${bus}.`);
    return rule;
  }

  /** Throws ValidationException, InvalidEventPatternException or LimitExceededException. */
  put(rule: Rule): void {
    const bus = this.#bus(rule.EventBusName);
    checkTrigger(rule);
    if (bus.known.size >= MAX_RULES && !bus.known.has(rule.Name)) throw limitExceeded();
    this.#know(rule);
    const sql = 'INSERT OR REPLACE INTO bus_rules VALUES (?, ?, ?)';
    this.#db.run(sql, rule.EventBusName, rule.Name, JSON.stringify(rule));
    this.#changed(bus);
  }

  delete(busName: string, name: string): void {
    const bus = this.#bus(busName);
    this.#db.run('DELETE FROM bus_rules WHERE bus = ? AND name = ?', busName, name);
    bus.known.delete(name);
    this.#changed(bus);
  }

  /** The enabled rules of a bus whose pattern an event matches; none when there is no such bus. */
  matching(bus: string, event: { source: string; detailType: string }, fields: () => Fields): Set<Rule> {
    const found = new Set<Rule>();
    for (const source of [event.source, undefined]) {
      for (const detailType of [event.detailType, undefined]) {
        for (const { rule, conditions } of this.#buses.get(bus)?.index.get(key(source, detailType)) ?? []) {
          if (!found.has(rule) && holds(conditions, fields())) found.add(rule);
        }
      }
    }
    return found;
  }

  #know(rule: Rule): void {
    const pattern = rule.EventPattern === undefined ? [] : compilePattern(rule.EventPattern);
    this.#bus(rule.EventBusName).known.set(rule.Name, { rule, pattern });
  }

  #changed(bus: Bus): void {
    bus.index = buildIndex(bus.known.values());
    this.onChange();
  }

  #bus(name: string): Bus {
    const bus = this.#buses.get(name);
    if (!bus) throw notFound(`Event bus ${name} does not exist.`);
    return bus;
  }
}

const notFound = (message: string) => new AwsError('ResourceNotFoundException', message);

/** EventBridge's LimitExceededException. */
export const limitExceeded = () =>
  new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');

function checkTrigger({ EventPattern, ScheduleExpression, EventBusName, since }: Rule): void {
  if (EventPattern === undefined && ScheduleExpression === undefined)
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  if (ScheduleExpression === undefined) return;
  if (EventBusName !== DEFAULT_BUS)
    throw invalid('ScheduleExpression is supported only on the default event bus.');
  parseSchedule(ScheduleExpression, since, 1);
}

function buildIndex(known: Iterable<Known>): Index {
  const index: Index = new Map();
  for (const { rule, pattern } of known) {
    if (rule.State === 'DISABLED') continue;
    for (const conditions of pattern) {
      for (const name of keysOf(conditions)) {
        const entries = index.get(name) ?? [];
        index.set(name, entries);
        entries.push({ rule, conditions });
      }
    }
  }
  return index;
}

function keysOf(conditions: readonly Condition[]): Set<string> {
  const detailTypes = exactTexts(conditions, 'detail-type');
  return new Set(
    exactTexts(conditions, 'source').flatMap((source) => detailTypes.map((type) => key(source, type))),
  );
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
