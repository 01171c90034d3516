import { BlockList, isIP } from 'node:net';
import type { Leaf, LeafTest } from './flatten.ts';
import { invalidPattern } from './invalid.ts';

const LIMIT = 5e9;

/** `{"numeric": ["=", n]}`, one bound, or a lower bound followed by an upper one. */
export function compileNumeric(value: unknown): LeafTest {
  if (!Array.isArray(value)) throw invalidPattern('Value of numeric must be an array.');
  const [operator, operand, second, secondOperand, ...more] = value as unknown[];
  const first = compare(operator, operand);
  if (value.length <= 2) return (leaf) => typeof leaf === 'number' && first(leaf);
  if (!String(operator).startsWith('>')) throw invalidPattern('Too many terms in numeric range expression');
  if (second !== '<' && second !== '<=')
    throw invalidPattern(`Bad numeric range operator: ${String(second)}`);
  const upper = compare(second, secondOperand);
  if (more.length > 0) throw invalidPattern('Too many terms in numeric range expression');
  if ((operand as number) >= (secondOperand as number)) throw invalidPattern('Bottom must be less than top');
  return (leaf) => typeof leaf === 'number' && first(leaf) && upper(leaf);
}

function compare(operator: unknown, operand: unknown): (value: number) => boolean {
  if (typeof operator !== 'string')
    throw invalidPattern(`Invalid member in numeric match: ${String(operator)}`);
  if (!['=', '<', '<=', '>', '>='].includes(operator)) {
    throw invalidPattern(`Unrecognized numeric range operator: ${operator}`);
  }
  if (typeof operand !== 'number') {
    throw invalidPattern(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`);
  }
  if (Math.abs(operand) > LIMIT)
    throw invalidPattern(`Value must be between ${-LIMIT} and ${LIMIT}, inclusive`);
  if (operator === '=') return (value) => value === operand;
  if (operator === '<') return (value) => value < operand;
  if (operator === '<=') return (value) => value <= operand;
  if (operator === '>') return (value) => value > operand;
  return (value) => value >= operand;
}

/** `{"cidr": "10.0.0.0/24"}`, IPv4 or IPv6. */
export function compileCidr(value: unknown): LeafTest {
  if (typeof value !== 'string') throw invalidPattern('prefix match pattern must be a string');
  const [address = '', mask = '', ...more] = value.split('/');
  if (more.length > 0 || !value.includes('/')) throw invalidPattern("Malformed CIDR, one '/' required");
  if (!/^-?\d+$/.test(mask)) throw invalidPattern('Malformed CIDR, mask bits must be an integer');
  const family = isIP(address);
  if (family === 0) throw invalidPattern(`Nonstandard IP address: ${address}`);
  const bits = family === 4 ? 32 : 128;
  if (Number(mask) < 0) throw invalidPattern('Malformed CIDR, mask bits must not be negative');
  if (Number(mask) >= bits) throw invalidPattern(`IPv${family} mask bits must be < ${bits}`);
  const block = new BlockList();
  block.addSubnet(address, Number(mask), family === 4 ? 'ipv4' : 'ipv6');
  return (leaf: Leaf) => {
    if (typeof leaf !== 'string' || isIP(leaf) !== family) return false;
    return block.check(leaf, family === 4 ? 'ipv4' : 'ipv6');
  };
}
