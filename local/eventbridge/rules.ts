import { AwsError } from '../aws-error.ts';
import type { Sqlite } from '../sqlite.ts';
import type { Fields } from './pattern/flatten.ts';
import { compilePattern, matches, type Pattern } from './pattern/pattern.ts';
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

/** The rules of every bus, in memory as in the database. */
export class Rules {
  readonly #db: Sqlite;
  readonly #buses = new Map<string, Map<string, Known>>();

  constructor(db: Sqlite) {
    this.#db = db;
    this.addBus(DEFAULT_BUS);
    for (const { name } of db.all<{ name: string }>('SELECT name FROM buses')) this.addBus(name);
    for (const row of db.all<{ rule: string }>('SELECT rule FROM bus_rules'))
      this.#know(JSON.parse(row.rule));
  }

  addBus(name: string): void {
    this.#db.run('INSERT OR IGNORE INTO buses VALUES (?)', name);
    if (!this.#buses.has(name)) this.#buses.set(name, new Map());
  }

  buses(): string[] {
    return [...this.#buses.keys()].sort();
  }

  /** A bus's rules, by name. Throws ResourceNotFoundException when there is no such bus. */
  of(bus: string): Rule[] {
    const rules = [...this.#bus(bus).values()].map(({ rule }) => rule);
    return rules.sort((a, b) => (a.Name < b.Name ? -1 : 1));
  }

  find(bus: string, name: string): Rule | undefined {
    return this.#bus(bus).get(name)?.rule;
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
    if (bus.size >= MAX_RULES && !bus.has(rule.Name)) throw limitExceeded();
    this.#know(rule);
    const sql = 'INSERT OR REPLACE INTO bus_rules VALUES (?, ?, ?)';
    this.#db.run(sql, rule.EventBusName, rule.Name, JSON.stringify(rule));
  }

  delete({ EventBusName, Name }: Rule): void {
    this.#db.run('DELETE FROM bus_rules WHERE bus = ? AND name = ?', EventBusName, Name);
    this.#bus(EventBusName).delete(Name);
  }

  /** The enabled rules of a bus whose pattern an event matches; none when there is no such bus. */
  matching(bus: string, event: Fields): Rule[] {
    const known = [...(this.#buses.get(bus)?.values() ?? [])];
    return known
      .filter(({ rule, pattern }) => rule.State !== 'DISABLED' && matches(pattern, event))
      .map(({ rule }) => rule);
  }

  #know(rule: Rule): void {
    const pattern = rule.EventPattern ? compilePattern(rule.EventPattern) : [];
    this.#bus(rule.EventBusName).set(rule.Name, { rule, pattern });
  }

  #bus(name: string): Map<string, Known> {
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
  if (!EventPattern && !ScheduleExpression)
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  if (!ScheduleExpression) return;
  if (EventBusName !== DEFAULT_BUS)
    throw invalid('ScheduleExpression is supported only on the default event bus.');
  parseSchedule(ScheduleExpression, since, 1);
}
