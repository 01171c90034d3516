/** The repository's sources and what each imports. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Import {
  /** A path from the repository's root for a relative import, else the package's name as written. */
  readonly target: string;
  /** Gone at run time: `import type`. */
  readonly isType: boolean;
}

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export const repositoryRoot: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const SOURCE = /\.(ts|mts|cts|js|mjs|cjs)$/;
const notOurs = new Set(['node_modules', 'generated', 'coverage']);

/** Statements begin a line; a comment's lines begin with an asterisk or slashes. */
const STATIC = /^(?:import|export)\b(?<what>[^;'"]*?)\bfrom\s*(?<quote>['"])(?<name>[^'"]+)\k<quote>/gm;
const BARE = /^import\s*(['"])(?<name>[^'"]+)\1/gm;
const CALLED = /\b(?:import|require)\s*\(\s*(['"])(?<name>[^'"]+)\1/g;

function targetOf(path: string, name: string): string {
  return name.startsWith('.') ? posix.join(posix.dirname(path), name) : name;
}

export function sourceFile(path: string, text: string): SourceFile {
  const named = (pattern: RegExp): string[] =>
    [...text.matchAll(pattern)].map(({ groups }) => groups?.name ?? '');
  const imports = [...text.matchAll(STATIC)].map(({ groups }) => ({
    target: targetOf(path, groups?.name ?? ''),
    isType: /^\s*type\b/.test(groups?.what ?? ''),
  }));
  const others = [...named(BARE), ...named(CALLED)].map((name) => ({
    target: targetOf(path, name),
    isType: false,
  }));
  return { path, text, imports: [...imports, ...others] };
}

/** Every source file beneath those of the named folders that are there. */
export function readSources(folders: readonly string[], root: string = repositoryRoot): SourceFile[] {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
        const path = `${folder}/${entry.name}`;
        if (entry.name.startsWith('.') || notOurs.has(entry.name)) return [];
        if (entry.isDirectory()) return readSources([path], root);
        return SOURCE.test(entry.name) ? [sourceFile(path, readFileSync(join(root, path), 'utf8'))] : [];
      }),
    );
}
