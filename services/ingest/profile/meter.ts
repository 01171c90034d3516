/** Bars of HTML: a share of a whole beside its name. Pure. */
import { type Content, Html, html } from './html.ts';

/** A bar of `part` in `whole`; the figure itself stands beside it. `fill` is a colour of the page's style. */
export function meter(part: number, whole: number, fill = 'train'): Html {
  const percent = whole > 0 ? Math.min(100, (100 * part) / whole) : 0;
  const bar = part > 0 ? `<i style="width:${percent.toFixed(2)}%;--fill:var(--${fill})"></i>` : '';
  return new Html(`<span class="meter" aria-hidden="true">${bar}</span>`);
}

export interface Bar {
  readonly name: Content;
  readonly part: number;
  readonly whole: number;
  readonly label: string;
  readonly fill?: string;
}

/** A list of bars, one below the other. */
export const bars = (rows: readonly Bar[]): Html =>
  html`<div class="bars" role="list">${rows.map(
    ({ name, part, whole, label, fill }) =>
      html`<div role="listitem" style="display:contents"><span class="name"><bdi>${name}</bdi></span>${meter(part, whole, fill)}<span class="n">${label}</span></div>`,
  )}</div>`;
