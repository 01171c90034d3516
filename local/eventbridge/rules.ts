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

type Bus = Map<string, { readonly rule: Rule; readonly pattern: Pattern }>;
export type Rules = ReturnType<typeof openRules>;

/** The rules of every bus, in memory as in the database. A bus that there is not throws ResourceNotFoundException. */
export function openRules(db: Sqlite) {
  const buses = new Map<string, Bus>();

  function addBus(name: string): void {
    db.run('INSERT OR IGNORE INTO buses VALUES (?)', name);
    if (!buses.has(name)) buses.set(name, new Map());
  }

  function busOf(name: string): Bus {
    const bus = buses.get(name);
    if (!bus) throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
    return bus;
  }

  function keep(rule: Rule): void {
    const pattern = rule.EventPattern ? compilePattern(rule.EventPattern) : [];
    busOf(rule.EventBusName).set(rule.Name, { rule, pattern });
  }

  addBus(DEFAULT_BUS);
  for (const { name } of db.all<{ name: string }>('SELECT name FROM buses')) addBus(name);
  for (const { rule } of db.all<{ rule: string }>('SELECT rule FROM bus_rules')) keep(JSON.parse(rule));

  return {
    addBus,
    buses: () => [...buses.keys()].sort(),
    /** A bus's rules, by name. */
    of(bus: string): Rule[] {
      const rules = [...busOf(bus).values()].map(({ rule }) => rule);
      return rules.sort((a, b) => (a.Name < b.Name ? -1 : 1));
    },
    find: (bus: string, name: string): Rule | undefined => busOf(bus).get(name)?.rule,
    /** Throws ResourceNotFoundException when there is no such rule. */
    get(bus: string, name: string): Rule {
      const rule = busOf(bus).get(name)?.rule;
      if (rule) return rule;
      throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`);
    },
    /** Throws ValidationException, InvalidEventPatternException or LimitExceededException. */
    put(rule: Rule): void {
      const bus = busOf(rule.EventBusName);
      checkTrigger(rule);
      if (bus.size >= MAX_RULES && !bus.has(rule.Name)) throw limitExceeded();
      keep(rule);
      const sql = 'INSERT OR REPLACE INTO bus_rules VALUES (?, ?, ?)';
      db.run(sql, rule.EventBusName, rule.Name, JSON.stringify(rule));
    },
    delete({ EventBusName, Name }: Rule): void {
      db.run('DELETE FROM bus_rules WHERE bus = ? AND name = ?', EventBusName, Name);
      busOf(EventBusName).delete(Name);
    },
    /** The enabled rules of a bus whose pattern an event matches; none when there is no such bus. */
    matching(bus: string, event: Fields): Rule[] {
      const known = [...(buses.get(bus)?.values() ?? [])];
      const isMatch = ({ rule, pattern }: (typeof known)[number]) =>
        rule.State !== 'DISABLED' && matches(pattern, event);
      return known.filter(isMatch).map(({ rule }) => rule);
    },
  };
}

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
