/** Which numbers move together. Pure. */
import type { PreparedResult } from '../../../shared/preparation/result.ts';
import { dataTable } from './data-table.ts';
import { at, fitting, shortened } from './figures.ts';
import { type Content, Html, html, nothing } from './html.ts';
import { meter } from './meter.ts';
import type { ProfileInput } from './profile-input.ts';

type Correlations = PreparedResult['correlations'];

const STRONGEST = 12;
/** Weaker ones are noise in most tables. */
const WORTH_NAMING = 0.1;
const [LABEL, MARGIN] = [130, 96];
/** Of a name beside the map, and of one below it, which stands aslant. */
const ROOM = 116;
/** Up to here a cell has room for its figure. */
const WRITTEN = 14;

export function correlationSection({ result, data }: ProfileInput): Html {
  const { names } = result.correlations;
  if (names.length < 2)
    return html`<section id="correlations"><h2>Correlations</h2><p>They need two number columns.</p></section>`;
  const numbers = result.columns.filter(({ kind }) => kind === 'number').length;
  return html`<section id="correlations"><h2>Correlations</h2>
<p class="soft">Pearson’s r between ${numbers > names.length ? `the first ${names.length} of ${numbers}` : 'the'} number columns, over rows where both are present.</p>
<ul class="legend"><li><i style="--fill:var(--plus)"></i>rise together</li><li><i style="--fill:var(--minus)"></i>one rises as the other falls</li><li><i style="--fill:var(--track)"></i>none</li></ul>
<figure class="scroll">${heatMap(result.correlations)}</figure>
<div class="two">${strongest('The strongest with the target', withTarget(result.correlations, data.target))}${strongest(
    'The strongest pairs of others',
    pairsOf(result.correlations, data.target),
  )}</div></section>`;
}

const signed = (r: number): string => {
  const size = Math.abs(r).toFixed(2);
  return size === '0.00' ? size : (r < 0 ? '−' : '+') + size;
};

/** The figure in a cell must be readable on the strongest of colours. */
const strength = (r: number): string => (0.04 + 0.68 * Math.abs(r)).toFixed(2);

/** The lower triangle: the matrix is symmetric, and 1 on its diagonal. */
function heatMap({ names, r }: Correlations): Html {
  const size = Math.max(11, Math.min(44, 720 / names.length));
  const width = LABEL + (names.length - 1) * size + 40;
  const height = (names.length - 1) * size + MARGIN;
  const rows = names.slice(1).map((name, i) => {
    const y = i * size;
    const label = html`<text x="${LABEL - 6}" y="${at(y + size / 2 + 4)}" text-anchor="end">${fitting(name, ROOM)}</text>`;
    return [
      label,
      names
        .slice(0, i + 1)
        .map((other, j) => cell(`${name} and ${other}`, r[i + 1]?.[j] ?? null, j, y, size, names.length)),
    ];
  });
  const base = (names.length - 1) * size + 12;
  const below = names.slice(0, -1).map((name, j) => {
    const x = at(LABEL + j * size + size / 2 + 2);
    return html`<text x="${x}" y="${at(base)}" text-anchor="end" transform="rotate(-45 ${x} ${at(base)})">${fitting(name, ROOM)}</text>`;
  });
  return html`<svg class="heat" role="img" aria-label="Heat map of the correlations between ${names.length} columns; the tables below name the strongest" viewBox="0 0 ${at(width)} ${at(height)}" width="${at(width)}" height="${at(height)}">${rows}${below}</svg>`;
}

function cell(
  pair: string,
  value: number | null,
  column: number,
  y: number,
  size: number,
  columns: number,
): Html {
  const x = LABEL + column * size;
  const fill =
    value === null || value === 0
      ? 'class="none"'
      : `class="${value > 0 ? 'plus' : 'minus'}" fill-opacity="${strength(value)}"`;
  const drawn = new Html(
    `<rect ${fill} x="${at(x + 0.5)}" y="${at(y + 0.5)}" width="${at(size - 1)}" height="${at(size - 1)}">`,
  );
  const title = html`<title>${pair}: ${value === null ? 'one is constant' : signed(value)}</title></rect>`;
  if (columns > WRITTEN || value === null) return html`${drawn}${title}`;
  return html`${drawn}${title}<text x="${at(x + size / 2)}" y="${at(y + size / 2 + 4)}" text-anchor="middle">${signed(value)}</text>`;
}

interface Pair {
  readonly name: Content;
  readonly r: number;
}

const byStrength = (pairs: readonly Pair[]): readonly Pair[] =>
  pairs
    .filter(({ r }) => Math.abs(r) >= WORTH_NAMING)
    .sort((a, b) => Math.abs(b.r) - Math.abs(a.r))
    .slice(0, STRONGEST);

function withTarget({ names, r }: Correlations, target: string): readonly Pair[] {
  const row = r[names.indexOf(target)] ?? [];
  return byStrength(
    names.flatMap((name, at) =>
      name === target || typeof row[at] !== 'number'
        ? []
        : [{ name: html`<bdi>${shortened(name, 40)}</bdi>`, r: row[at] }],
    ),
  );
}

function pairsOf({ names, r }: Correlations, target: string): readonly Pair[] {
  const pairs = names.flatMap((name, i) =>
    names.slice(0, i).flatMap((other, j) => {
      const value = r[i]?.[j];
      if (typeof value !== 'number' || name === target || other === target) return [];
      return [
        { name: html`<bdi>${shortened(other, 30)}</bdi> × <bdi>${shortened(name, 30)}</bdi>`, r: value },
      ];
    }),
  );
  return byStrength(pairs);
}

function strongest(caption: string, pairs: readonly Pair[]): Html {
  if (pairs.length === 0) return nothing;
  const rows = pairs.map(({ name, r }) => [
    name,
    html`${signed(r)}${meter(Math.abs(r), 1, r > 0 ? 'plus' : 'minus')}`,
  ]);
  return html`<div>${dataTable(caption, [{ title: 'Column' }, { title: 'r', figures: true }], rows)}</div>`;
}
