import { AwsError } from '../aws-error.ts';

/** A condition on the column `message`, in SQL. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** Translates a filter pattern of CloudWatch Logs: terms (all of them), `"phrases"`, `?optional` terms (one of them),
 * `-excluded` ones, and `{ $.field = value }` with comparisons, `IS`, `NOT EXISTS`, `*` in strings, `&&`, `||` and
 * parentheses (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html). Not offered:
 * regular expressions and space-delimited patterns. Throws InvalidParameterException; what SQLite then refuses is
 * an invalid pattern too. */
export function compilePattern(pattern: string): Condition {
  const text = pattern.trim();
  return text.startsWith('{') ? compileJson(text) : compileTerms(text);
}

export function invalidPattern(pattern: string): AwsError {
  return new AwsError('InvalidParameterException', `Invalid filter pattern: ${pattern}`);
}

const TERM = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"%[\]]+))(?:\s+|$)/y;
const COMPARISON = /(<=|>=|!=|=|<|>)\s*("(?:[^"\\]|\\.)*"|[^\s()&|"%]+)/.source;
const CLAUSE = new RegExp(
  `\\s*(?:(&&|\\|\\||[()])|(\\$[^\\s()=<>!&|*]+)\\s*(?:IS\\s+(NULL|TRUE|FALSE)|(NOT\\s+EXISTS)|${COMPARISON}))\\s*`,
  'y',
);

/** The matches of a sticky expression that make up the whole text. */
function tokens(text: string, expression: RegExp): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  expression.lastIndex = 0;
  while (expression.lastIndex < text.length) {
    const token = expression.exec(text);
    if (!token) throw invalidPattern(text);
    found.push(token);
  }
  return found;
}

const unescaped = (phrase: string) => phrase.replace(/\\(.)/g, '$1');

/** Optional terms beside others have no effect, as on AWS. */
function compileTerms(text: string): Condition {
  const all = tokens(text, TERM);
  const wanted = all.filter(([, sign]) => sign !== '?');
  const used = wanted.length > 0 ? wanted : all;
  const isIn = used.map(([, sign]) => `instr(message, ?) ${sign === '-' ? '=' : '>'} 0`);
  return {
    sql: `(${isIn.join(wanted.length > 0 ? ' AND ' : ' OR ') || 'TRUE'})`,
    values: used.map(([, , phrase, word = '']) => (phrase === undefined ? word : unescaped(phrase).trim())),
  };
}

const JOINTS = new Map([
  ['&&', 'AND'],
  ['||', 'OR'],
]);

function compileJson(text: string): Condition {
  if (!text.endsWith('}')) throw invalidPattern(text);
  const parts = tokens(text.slice(1, -1), CLAUSE).map(
    ([, joint, selector = '', constant, isAbsent, operator = '', operand = '']): Condition => {
      if (joint !== undefined) return { sql: JOINTS.get(joint) ?? joint, values: [] };
      const path = selector.replace(/\.?\['([^']*)'\]/g, '."$1"');
      if (isAbsent) return { sql: 'json_type(message, ?) IS NULL', values: [path] };
      if (constant) return { sql: 'json_type(message, ?) = ?', values: [path, constant.toLowerCase()] };
      return compare(path, operator, operand);
    },
  );
  return {
    sql: `CASE WHEN json_valid(message) THEN (${parts.map(({ sql }) => sql).join(' ')}) ELSE FALSE END`,
    values: parts.flatMap(({ values }) => values),
  };
}

/** Numbers are compared with numbers, everything else with strings. */
function compare(path: string, operator: string, operand: string): Condition {
  const number = Number(operand);
  if (!Number.isNaN(number)) {
    const sql = `(json_type(message, ?) IN ('integer', 'real') AND json_extract(message, ?) ${operator} ?)`;
    return { sql, values: [path, path, number] };
  }
  const like = { '=': 'GLOB', '!=': 'NOT GLOB' }[operator];
  if (!like) throw invalidPattern(`${operator} ${operand}`);
  const text = operand.startsWith('"') ? unescaped(operand.slice(1, -1)) : operand;
  return {
    sql: `(json_type(message, ?) = 'text' AND json_extract(message, ?) ${like} ?)`,
    values: [path, path, text.replace(/[[?]/g, '[$&]')],
  };
}
