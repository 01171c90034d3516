/** Names that files may have in the bucket: each stands in the reason as it is. */
import type { Case } from '../case.ts';

const KEYS: readonly (readonly [name: string, key: string])[] = [
  ['dots', 'incoming/points/../../etc/passwd'],
  ['empty folders', 'incoming/points//a//b.csv'],
  ['a folder of dots', 'incoming/points/./a.csv'],
  ['backslashes', 'incoming\\points\\..\\a.csv'],
  ['a newline', 'incoming/points/a\nb.csv'],
  ['a NUL', 'incoming/points/a\0b.csv'],
  ['quotes', `incoming/points/'"a"'; DROP TABLE cells; --.csv`],
  ['an emoji', 'incoming/points/🦆.csv'],
  ['right-to-left letters', 'incoming/points/\u202egpj.csv'],
  ['another normal form', 'incoming/points/cafe\u0301.csv'],
  ['a percent sign', 'incoming/points/100%25.csv'],
  ['a glob', 'incoming/points/*.csv'],
  ['blanks around', ' a.csv '],
  ['1,024 bytes', `incoming/points/${'k'.repeat(1024 - 20)}.csv`],
];

export const keys: readonly Case[] = KEYS.flatMap(([name, key]) => [
  {
    name: `${name}, of a good file`,
    key,
    content: 'y,a,t\n0,1,red\nx,2,blue\n',
    ends: { rows: 1, aside: { 'not-an-integer': 1 } },
  },
  { name: `${name}, of an empty file`, key, content: '', ends: /^the file is empty/ },
]);
