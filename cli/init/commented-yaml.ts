/** A value as YAML that a person likes to read, with comments in their places. Pure. */
import { Document, isCollection, isMap, isNode, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Comment } from './draft.ts';

const WIDTH = 110;
/** Comments break before the line does. */
const COMMENT_WIDTH = 100;
/** What stands before a flow collection on its line. */
const INDENT = 8;

export function commentedYaml(value: unknown, comments: readonly Comment[]): string {
  const document = new Document(value);
  for (const comment of comments) place(document, comment);
  flow(document.contents, 0);
  spaced(document.contents);
  return document.toString({ lineWidth: WIDTH, minContentWidth: 40 });
}

/** A comment above goes to the key, one behind to the value: YAML has them there. */
function place(document: Document, { path, above, behind }: Comment): void {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = path.at(-1)!;
  const pair = isMap(parent) ? parent.items.find((item) => isPair(item) && keyOf(item) === key) : undefined;
  const item = isSeq(parent) ? parent.items[Number(key)] : undefined;
  const above_ = pair && isNode(pair.key) ? pair.key : isNode(item) ? item : undefined;
  if (above !== undefined && above_) above_.commentBefore = wrapped(above);
  const value = pair?.value ?? item;
  if (behind !== undefined && isNode(value)) value.comment = ` ${behind}`;
}

const keyOf = ({ key }: Pair): unknown => (isScalar(key) ? key.value : key);

const wrapped = (text: string): string =>
  text
    .split('\n')
    .flatMap(folded)
    .map((line) => ` ${line}`)
    .join('\n');

function folded(line: string): string[] {
  const [indent = ''] = /^ */.exec(line) ?? [];
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trim().split(' ')) {
    if (current.trim() !== '' && current.length + 1 + word.length > COMMENT_WIDTH) {
      lines.push(current);
      current = `${indent}${indent ? '  ' : ''}`;
    }
    current += `${current.trim() === '' ? '' : ' '}${word}`;
  }
  return [...lines, current];
}

/** Collections that fit on a line stand on one, but for the large ones that make up the document. */
function flow(node: unknown, depth: number): void {
  if (!isCollection(node)) return;
  const fits =
    depth > 1 && JSON.stringify(node.toJSON()).length + INDENT < COMMENT_WIDTH && !hasComments(node);
  if (fits) {
    (node as Node & { flow?: boolean }).flow = true;
    return;
  }
  for (const item of node.items) flow(isPair(item) ? item.value : item, depth + 1);
}

function hasComments(node: Node): boolean {
  if (!isCollection(node)) return Boolean(node.comment ?? node.commentBefore);
  return node.items.some((item) =>
    isPair(item)
      ? [item.key, item.value].some(
          (part) => isNode(part) && (part.commentBefore || part.comment || hasComments(part)),
        )
      : isNode(item) && (Boolean(item.commentBefore ?? item.comment) || hasComments(item)),
  );
}

/** An empty line parts the chapters. */
function spaced(contents: unknown): void {
  if (!isMap(contents)) return;
  for (const { key, value } of contents.items) if (isNode(key) && isCollection(value)) key.spaceBefore = true;
}
