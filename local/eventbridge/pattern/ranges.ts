import { BlockList, isIP } from 'node:net';
import type { Leaf } from './flatten.ts';
import { demand } from './invalid.ts';

type Test = (leaf: Leaf | undefined) => boolean;

const LIMIT = 5e9;
const COMPARISONS: Readonly<Record<string, (value: number, operand: number) => boolean>> = {
  '=': (value, operand) => value === operand,
  '<': (value, operand) => value < operand,
  '<=': (value, operand) => value <= operand,
  '>': (value, operand) => value > operand,
  '>=': (value, operand) => value >= operand,
};

/** `{"numeric": ["=", n]}`, one bound, or a lower bound followed by an upper one. */
export function compileNumeric(value: unknown): Test {
  demand(Array.isArray(value), 'Value of numeric must be an array.');
  const [operator, operand, upper, upperOperand] = value as unknown[];
  demand(typeof operator === 'string', `Invalid member in numeric match: ${operator ?? ']'}`);
  demand(Object.hasOwn(COMPARISONS, operator), `Unrecognized numeric range operator: ${operator}`);
  const first = compare(operator, operand);
  if (value.length === 2) return first;
  demand(operator.startsWith('>'), 'Too many elements in numeric expression');
  demand(typeof upper === 'string', `Bad value in numeric range: ${upper}`);
  demand(upper === '<' || upper === '<=', `Bad numeric range operator: ${upper}`);
  const second = compare(upper, upperOperand);
  demand(value.length <= 4, 'Too many terms in numeric range expression');
  demand(Number(operand) < Number(upperOperand), 'Bottom must be less than top');
  return (leaf) => first(leaf) && second(leaf);
}

function compare(operator: string, operand: unknown): Test {
  const name = operator === '=' ? 'equals' : operator;
  demand(typeof operand === 'number', `Value of ${name} must be numeric`);
  demand(Math.abs(operand) <= LIMIT, 'Value must be between -5.0E9 and 5.0E9, inclusive');
  const holds = COMPARISONS[operator]!;
  return (leaf) => typeof leaf === 'number' && holds(leaf, operand);
}

/** `{"cidr": "10.0.0.0/24"}`, IPv4 or IPv6. */
export function compileCidr(value: unknown): Test {
  demand(typeof value === 'string', 'prefix match pattern must be a string');
  const [address = '', mask = '', ...more] = value.split('/');
  demand(more.length === 0 && mask !== '', "Malformed CIDR, one '/' required");
  demand(/^[+-]?\d+$/.test(mask), 'Malformed CIDR, mask bits must be an integer');
  demand(Number(mask) >= 0, 'Malformed CIDR, mask bits must not be negative');
  const family = isIP(address);
  demand(family !== 0, `Nonstandard IP address: ${address}`);
  const bits = family === 4 ? 32 : 128;
  demand(Number(mask) < bits, `IPv${family} mask bits must be < ${bits}`);
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(address, Number(mask), kind);
  return (leaf) => typeof leaf === 'string' && isIP(leaf) === family && block.check(leaf, kind);
}
