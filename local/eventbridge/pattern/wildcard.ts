import { demand } from './invalid.ts';

/** `*` in a parsed wildcard pattern; everything else in it is a character. */
const STAR = Symbol('*');
type Token = string | typeof STAR;

/** The most prefixes of a field's wildcard patterns that one value may match at a time. AWS does not publish its own
 * bound; this one lies between the patterns that its documentation and its users report as taken and as refused. */
const MAX_COMPLEXITY = 10;
const TOO_COMPLEX =
  'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character';
/** Sets of prefixes to look at; what has shown no worse by then is taken. */
const MAX_STATES = 5_000;

/** Compiles a wildcard pattern: `*` stands for any characters, `\*` and `\\` for themselves. The matcher takes each
 * literal at its first place, which is enough for `*` and keeps the time linear in practice. */
export function compileWildcard(pattern: string): (text: string) => boolean {
  const pieces = [''];
  for (const token of parse(pattern)) {
    if (token === STAR) pieces.push('');
    else pieces[pieces.length - 1] += token;
  }
  const [head = '', ...rest] = pieces;
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

/** Throws InvalidEventPatternException; places are counted in bytes, with the opening quote, as EventBridge does. */
function parse(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const place = Buffer.byteLength(pattern.slice(0, at)) + 1;
    const [char, next] = [pattern[at]!, pattern[at + 1]];
    demand(char !== '*' || next !== '*', `Consecutive wildcard characters at pos ${place}`);
    const isEscape = char === '\\';
    demand(!isEscape || next === '*' || next === '\\', `Invalid escape character at pos ${place}`);
    if (isEscape) at++;
    tokens.push(char === '*' ? STAR : pattern[at]!);
  }
  return tokens;
}

/** Refuses wildcard patterns of one field that, together, keep too many alternatives open while a value is read. */
export function checkComplexity(patterns: readonly string[]): void {
  const parsed = patterns.map(parse);
  const alphabet = new Set(parsed.flat().filter((token) => token !== STAR));
  const waiting = [parsed.map((tokens) => withStars(tokens, [0]))];
  const seen = new Set<string>();
  for (const state of waiting) {
    for (const char of alphabet) {
      const next = state.map((lengths, index) => advance(parsed[index]!, lengths, char));
      demand(next.flat().length <= MAX_COMPLEXITY, TOO_COMPLEX);
      const key = next.join(';');
      if (!seen.has(key) && seen.size < MAX_STATES) waiting.push(next);
      seen.add(key);
    }
  }
}

/** The lengths of a pattern's prefixes that are matched after one more character. */
function advance(tokens: readonly Token[], lengths: readonly number[], char: string): number[] {
  const grown = lengths.filter((length) => tokens[length] === char).map((length) => length + 1);
  const kept = lengths.filter((length) => tokens[length - 1] === STAR);
  return withStars(tokens, [...grown, ...kept]);
}

/** A star may stand for nothing. */
function withStars(tokens: readonly Token[], lengths: readonly number[]): number[] {
  const starred = lengths.filter((length) => tokens[length] === STAR).map((length) => length + 1);
  return [...new Set([...lengths, ...starred])].sort((a, b) => a - b);
}
