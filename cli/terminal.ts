/** How lines look: colours on a terminal, plain text in a log. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const isTerminal = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;

export const styled = (style: Style, value: string): string => (isTerminal ? styleText(style, value) : value);

export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** `+ 12.3 s` since `start` (epoch ms), right-aligned. */
export const since = (start: number, now: number): string =>
  `${((now - start) / 1000).toFixed(1).padStart(6)} s`;

const phaseStyles: Readonly<Record<string, Style>> = {
  promoted: 'green',
  approved: 'green',
  rejected: 'red',
  failed: 'red',
  'rolled-back': 'yellow',
  canary: 'cyan',
  superseded: 'gray',
};

export const phaseText = (phase: string): string => styled(phaseStyles[phase] ?? 'blue', phase.padEnd(11));

/** Columns padded to their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
