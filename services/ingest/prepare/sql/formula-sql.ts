/** A formula as SQL that gives what JavaScript gives: no error for a bad argument, NaN and −0 where IEEE has them. */
import jsep from 'jsep';
import { double, firstOf, type Named } from './sql-text.ts';

/** `levels[k]` may use what the levels before it name; `result` what all of them name. */
export interface FormulaSql {
  readonly levels: readonly (readonly Named[])[];
  readonly result: string;
  /** The columns that it reads. */
  readonly inputs: readonly string[];
}

interface Value {
  readonly sql: string;
  /** Levels that must stand below. */
  readonly depth: number;
}

/** `columns`: the SQL column of each name that the formula may use; `prefix` begins the names of what it adds. The
 * formula must be one that `compileFormula` accepts. */
export function formulaSql(
  formula: string,
  columns: ReadonlyMap<string, string>,
  prefix: string,
): FormulaSql {
  const writer = new FormulaWriter(columns, prefix);
  const { sql } = writer.write(jsep(formula) as jsep.CoreExpression);
  return { levels: writer.levels, result: sql, inputs: [...writer.inputs] };
}

const SIMPLE = /^\w+$/;

class FormulaWriter {
  readonly levels: Named[][] = [];
  readonly inputs = new Set<string>();
  readonly #columns: ReadonlyMap<string, string>;
  readonly #prefix: string;
  #count = 0;

  constructor(columns: ReadonlyMap<string, string>, prefix: string) {
    this.#columns = columns;
    this.#prefix = prefix;
  }

  write(node: jsep.CoreExpression): Value {
    switch (node.type) {
      case 'Literal':
        return { sql: double(Number(node.value)), depth: 0 };
      case 'Identifier':
        return this.#column(node.name);
      case 'UnaryExpression': {
        const { sql, depth } = this.write(node.argument as jsep.CoreExpression);
        return { sql: node.operator === '-' ? `(-(${sql}))` : sql, depth };
      }
      case 'BinaryExpression': {
        const left = this.write(node.left as jsep.CoreExpression);
        const right = this.write(node.right as jsep.CoreExpression);
        return {
          sql: `(${left.sql} ${operatorOf(node.operator)} ${right.sql})`,
          depth: Math.max(left.depth, right.depth),
        };
      }
      case 'CallExpression':
        return this.#call((node.callee as jsep.Identifier).name, node.arguments as jsep.CoreExpression[]);
      default:
        throw new RangeError(`a formula cannot hold ${node.type}`);
    }
  }

  #column(name: string): Value {
    const sql = this.#columns.get(name);
    if (sql === undefined) throw new RangeError(`the formula reads "${name}", which is no column`);
    this.inputs.add(sql);
    return { sql, depth: 0 };
  }

  #call(name: string, args: readonly jsep.CoreExpression[]): Value {
    const values = args.map((argument) => this.#once(this.write(argument)));
    const depth = Math.max(0, ...values.map((value) => value.depth));
    return {
      sql: callOf(
        name,
        values.map(({ sql }) => sql),
      ),
      depth,
    };
  }

  /** Gives what is read several times a name of its own: written out, nested calls would grow without bound. */
  #once({ sql, depth }: Value): Value {
    if (SIMPLE.test(sql)) return { sql, depth };
    const name = `${this.#prefix}_${this.#count++}`;
    while (this.levels.length <= depth) this.levels.push([]);
    this.levels[depth]!.push({ name, sql });
    return { sql: name, depth: depth + 1 };
  }
}

function operatorOf(operator: string): string {
  if (operator === '+' || operator === '-' || operator === '*' || operator === '/') return operator;
  throw new RangeError(`a formula has no operator ${operator}`);
}

const NAN = double(Number.NaN);
const ONE = double(1);
const HALF = double(0.5);
const zero = (sql: string): string => `${sql} = ${double(0)}`;

function callOf(name: string, [x = '', ...others]: readonly string[]): string {
  switch (name) {
    case 'abs':
    case 'ceil':
    case 'exp':
    case 'floor':
      return `${name}(${x})`;
    case 'log':
      return firstOf(
        [
          [`${x} > 0`, `ln(${x})`],
          [zero(x), double(Number.NEGATIVE_INFINITY)],
        ],
        NAN,
      );
    case 'sqrt':
      return firstOf([[`${x} >= 0`, `sqrt(${x})`]], NAN);
    case 'round':
      return `(floor(${x} + ${HALF}) + ${double(0)})`;
    case 'pow':
      return power(x, others[0] ?? '');
    case 'max':
      return greatest([x, ...others]);
    case 'min':
      return least([x, ...others]);
    default:
      throw new RangeError(`a formula has no function ${name}`);
  }
}

/** C says that 1 to any power is 1; JavaScript that it is NaN for an infinite or undefined one. */
const power = (base: string, exponent: string): string =>
  firstOf(
    [[`isnan(${exponent}) OR (isinf(${exponent}) AND abs(${base}) = ${ONE})`, NAN]],
    `pow(${base}, ${exponent})`,
  );

/** NaN is the greatest of DuckDB's doubles, and of JavaScript's none. Of zeros, +0 is greater than −0. */
function greatest(values: readonly string[]): string {
  const found = `greatest(${values.join(', ')})`;
  const positive = values.map((value) => `(${zero(value)} AND NOT signbit(${value}))`).join(' OR ');
  return firstOf([[zero(found), firstOf([[positive, double(0)]], double(-0))]], found);
}

function least(values: readonly string[]): string {
  const undefinedOne = values.map((value) => `isnan(${value})`).join(' OR ');
  const found = `least(${values.join(', ')})`;
  const negative = values.map((value) => `(${zero(value)} AND signbit(${value}))`).join(' OR ');
  return firstOf(
    [
      [undefinedOne, NAN],
      [zero(found), firstOf([[negative, double(-0)]], double(0))],
    ],
    found,
  );
}
