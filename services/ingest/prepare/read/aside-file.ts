import { closeSync, openSync, writeSync } from 'node:fs';
import { clipValue, type Rule } from '../../../../shared/preparation/row-problem.ts';
import { SEPARATOR } from './cell-format.ts';

const CHUNK = 64 * 1024;

/** The lines that are no rows at all: `part ␟ line ␟ rule ␟ value`, the value as the hexadecimal digits of its UTF-8. */
export class AsideFile {
  readonly path: string;
  lines = 0;
  readonly #file: number;
  #text = '';

  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, 'w');
  }

  add(part: number, line: number, rule: Rule, value: string): void {
    this.lines++;
    this.#text += `${[part, line, rule, Buffer.from(clipValue(value)).toString('hex')].join(SEPARATOR)}\n`;
    if (this.#text.length > CHUNK) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    writeSync(this.#file, this.#text);
    this.#text = '';
  }
}
