import { BlockList, isIP } from 'node:net';
import type { Leaf } from './flatten.ts';
import { invalidPattern } from './invalid.ts';

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
  if (!Array.isArray(value)) throw invalidPattern('Value of numeric must be an array.');
  const [operator, operand, upper, upperOperand] = value as unknown[];
  if (typeof operator !== 'string')
    throw invalidPattern(`Invalid member in numeric match: ${operator ?? ']'}`);
  if (!Object.hasOwn(COMPARISONS, operator))
    throw invalidPattern(`Unrecognized numeric range operator: ${operator}`);
  const first = compare(operator, operand);
  if (value.length === 2) return first;
  if (!operator.startsWith('>')) throw invalidPattern('Too many elements in numeric expression');
  if (typeof upper !== 'string') throw invalidPattern(`Bad value in numeric range: ${upper}`);
  if (!/^<=?$/.test(upper)) throw invalidPattern(`Bad numeric range operator: ${upper}`);
  const second = compare(upper, upperOperand);
  if (value.length > 4) throw invalidPattern('Too many terms in numeric range expression');
  if (Number(operand) >= Number(upperOperand)) throw invalidPattern('Bottom must be less than top');
  return (leaf) => first(leaf) && second(leaf);
}

function compare(operator: string, operand: unknown): Test {
  if (typeof operand !== 'number')
    throw invalidPattern(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`);
  if (Math.abs(operand) > LIMIT) throw invalidPattern('Value must be between -5.0E9 and 5.0E9, inclusive');
  const holds = COMPARISONS[operator]!;
  return (leaf) => typeof leaf === 'number' && holds(leaf, operand);
}

/** `{"cidr": "10.0.0.0/24"}`, IPv4 or IPv6. */
export function compileCidr(value: unknown): Test {
  if (typeof value !== 'string') throw invalidPattern('prefix match pattern must be a string');
  const [address = '', mask = '', ...more] = value.split('/');
  if (more.length > 0 || mask === '') throw invalidPattern("Malformed CIDR, one '/' required");
  if (!/^[+-]?\d+$/.test(mask)) throw invalidPattern('Malformed CIDR, mask bits must be an integer');
  if (Number(mask) < 0) throw invalidPattern('Malformed CIDR, mask bits must not be negative');
  const family = isIP(address);
  if (family === 0) throw invalidPattern(`Nonstandard IP address: ${address}`);
  const bits = family === 4 ? 32 : 128;
  if (Number(mask) >= bits) throw invalidPattern(`IPv${family} mask bits must be < ${bits}`);
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(address, Number(mask), kind);
  return (leaf) => typeof leaf === 'string' && isIP(leaf) === family && block.check(leaf, kind);
}
