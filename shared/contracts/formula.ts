/** Arithmetic over number columns: parsed by jsep, checked against a whitelist, compiled to closures, never
 * evaluated as code. */
import jsep from 'jsep';
import { didYouMean } from './did-you-mean.ts';

/** A row's values in, one number out. `inputs` are the positions of the columns that it reads. */
export type Formula = ((values: ArrayLike<number>) => number) & { readonly inputs: readonly number[] };

/** A formula that says more than arithmetic over known columns. */
export class FormulaError extends Error {
  readonly code = 'InvalidFormula';
}

interface FunctionRule {
  readonly least: number;
  readonly most: number;
  readonly apply: (...values: number[]) => number;
}

const one = (apply: (value: number) => number): FunctionRule => ({ least: 1, most: 1, apply });
const some = (apply: (...values: number[]) => number): FunctionRule => ({ least: 1, most: 16, apply });

const FUNCTIONS = new Map<string, FunctionRule>([
  ['abs', one(Math.abs)],
  ['ceil', one(Math.ceil)],
  ['exp', one(Math.exp)],
  ['floor', one(Math.floor)],
  ['log', one(Math.log)],
  ['max', some(Math.max)],
  ['min', some(Math.min)],
  ['pow', { least: 2, most: 2, apply: Math.pow }],
  // Math.round differs from this above 2^52 and just below a half.
  ['round', one((value) => Math.floor(value + 0.5) + 0)],
  ['sqrt', one(Math.sqrt)],
]);

type Evaluate = (values: ArrayLike<number>) => number;

interface Scope {
  readonly columns: ReadonlyMap<string, number>;
  readonly inputs: Set<number>;
}

/** `columns[i]` names the value at position i. Throws FormulaError naming what is not allowed. */
export function compileFormula(text: string, columns: readonly string[]): Formula {
  const scope: Scope = { columns: new Map(columns.map((name, at) => [name, at])), inputs: new Set() };
  const evaluate = compile(parse(text), scope);
  return Object.assign((values: ArrayLike<number>) => evaluate(values), {
    inputs: [...scope.inputs].sort((a, b) => a - b),
  });
}

function parse(text: string): jsep.CoreExpression {
  try {
    return jsep(text) as jsep.CoreExpression;
  } catch (error) {
    throw new FormulaError(`cannot read the formula "${text}": ${(error as Error).message}`);
  }
}

function compile(node: jsep.CoreExpression, scope: Scope): Evaluate {
  switch (node.type) {
    case 'Literal':
      return compileLiteral(node);
    case 'Identifier':
      return compileColumn(node.name, scope);
    case 'UnaryExpression':
      return compileUnary(node, scope);
    case 'BinaryExpression':
      return compileBinary(node, scope);
    case 'CallExpression':
      return compileCall(node, scope);
    case 'Compound':
    case 'SequenceExpression':
      throw new FormulaError('a formula is one expression');
    case 'ConditionalExpression':
      throw new FormulaError('"? :" is not allowed in a formula');
    case 'MemberExpression':
      throw new FormulaError('"." and "[ ]" are not allowed in a formula');
    case 'ArrayExpression':
      throw new FormulaError('"[ ]" is not allowed in a formula');
    case 'ThisExpression':
      throw new FormulaError('"this" is not allowed in a formula');
    default:
      return refuseUnknown(node);
  }
}

function refuseUnknown(node: never): never {
  throw new FormulaError(`${(node as jsep.Expression).type} is not allowed in a formula`);
}

function compileLiteral({ value, raw }: jsep.Literal): Evaluate {
  if (typeof value !== 'number') throw new FormulaError(`${raw} is not a number`);
  if (!Number.isFinite(value)) throw new FormulaError(`${raw} is too large`);
  return () => value;
}

function compileColumn(name: string, { columns, inputs }: Scope): Evaluate {
  const at = columns.get(name);
  if (at === undefined) {
    throw new FormulaError(
      `"${name}" is no number column or earlier derived one${didYouMean(name, columns.keys())}`,
    );
  }
  inputs.add(at);
  return (values) => values[at]!;
}

const POWERS: readonly string[] = ['^', '**'];

function compileUnary(node: jsep.UnaryExpression, scope: Scope): Evaluate {
  const argument = compile(node.argument as jsep.CoreExpression, scope);
  if (node.operator === '-') return (values) => -argument(values);
  if (node.operator === '+') return argument;
  throw new FormulaError(`the operator "${node.operator}" is not allowed; allowed are + - * /`);
}

function compileBinary(node: jsep.BinaryExpression, scope: Scope): Evaluate {
  const left = compile(node.left as jsep.CoreExpression, scope);
  const right = compile(node.right as jsep.CoreExpression, scope);
  switch (node.operator) {
    case '+':
      return (values) => left(values) + right(values);
    case '-':
      return (values) => left(values) - right(values);
    case '*':
      return (values) => left(values) * right(values);
    case '/':
      return (values) => left(values) / right(values);
    default:
      throw new FormulaError(
        `the operator "${node.operator}" is not allowed; allowed are + - * /${POWERS.includes(node.operator) ? ', and pow(a, b) for powers' : ''}`,
      );
  }
}

function compileCall(node: jsep.CallExpression, scope: Scope): Evaluate {
  const name = node.callee.type === 'Identifier' ? (node.callee as jsep.Identifier).name : undefined;
  const rule = name === undefined ? undefined : FUNCTIONS.get(name);
  if (!rule) {
    const allowed = [...FUNCTIONS.keys()];
    const hint = name === undefined ? '' : didYouMean(name, allowed);
    throw new FormulaError(
      `the function "${name ?? '…'}" is not allowed${hint}; allowed are ${allowed.join(', ')}`,
    );
  }
  const count = node.arguments.length;
  if (count < rule.least || count > rule.most) {
    const wanted = rule.least === rule.most ? `${rule.least}` : `${rule.least} to ${rule.most}`;
    throw new FormulaError(`${name} takes ${wanted} value(s), found ${count}`);
  }
  const given = node.arguments.map((argument) => compile(argument as jsep.CoreExpression, scope));
  if (given.length === 1) return (values) => rule.apply(given[0]!(values));
  return (values) => rule.apply(...given.map((argument) => argument(values)));
}
