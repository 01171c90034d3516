import { invalidPattern } from './invalid.ts';

/** Compiles a wildcard pattern: `*` stands for any characters, `\*` and `\\` for themselves. The matcher takes
 * each literal at its first place, which is enough for `*` and keeps the time linear in practice. */
export function compileWildcard(pattern: string): (text: string) => boolean {
  const [head = '', ...rest] = literals(pattern);
  const tail = rest.pop();
  if (tail === undefined) return (text) => text === head;
  return (text) => {
    if (!text.startsWith(head)) return false;
    let at = head.length;
    for (const literal of rest) {
      const found = text.indexOf(literal, at);
      if (found < 0) return false;
      at = found + literal.length;
    }
    return text.length - tail.length >= at && text.endsWith(tail);
  };
}

/** The literal pieces between the stars. */
function literals(pattern: string): string[] {
  const pieces = [''];
  for (let at = 0; at < pattern.length; at++) {
    let char = pattern[at]!;
    if (char === '*') {
      if (pattern[at - 1] === '*' && pieces.at(-1) === '') {
        throw invalidPattern(`Consecutive wildcard characters at pos ${at}`);
      }
      pieces.push('');
      continue;
    }
    if (char === '\\') {
      const escaped = pattern[++at];
      if (escaped !== '*' && escaped !== '\\')
        throw invalidPattern(`Invalid escape character at pos ${at - 1}`);
      char = escaped;
    }
    pieces[pieces.length - 1] += char;
  }
  return pieces;
}
