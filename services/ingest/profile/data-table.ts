/** A table with a caption, whose first column names its rows. Pure. */
import { type Content, type Html, html } from './html.ts';

export interface Heading {
  readonly title: string;
  /** Figures stand to the right. */
  readonly figures?: boolean;
  /** Sentences need room, on a small screen, too. */
  readonly sentences?: boolean;
}

export function dataTable(
  caption: Content,
  headings: readonly Heading[],
  rows: readonly (readonly Content[])[],
): Html {
  const align = (index: number) => {
    const { figures, sentences } = headings[index] ?? {};
    return figures ? 'n' : sentences ? 's' : '';
  };
  const cells = (row: readonly Content[]) =>
    row.map((cell, index) =>
      index === 0 ? html`<th scope="row">${cell}</th>` : html`<td class="${align(index)}">${cell}</td>`,
    );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Table"><table><caption>${caption}</caption><thead><tr>${headings.map(
    ({ title }, index) => html`<th scope="col" class="${align(index)}">${title}</th>`,
  )}</tr></thead><tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody></table></div>`;
}
