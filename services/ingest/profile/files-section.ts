/** What the dataset was made of, and how. Pure. */
import { dataTable } from './data-table.ts';
import { count, counted, listed, shortened } from './figures.ts';
import { type Html, html } from './html.ts';
import type { ProfileInput } from './profile-input.ts';

const MOST_FILES = 100;
const MOST_SPECIFICATION = 20_000;

export function filesSection({ data, result }: ProfileInput): Html {
  const shown = result.parts.slice(0, MOST_FILES);
  const rest = result.parts.length - shown.length;
  const rows = shown.map(({ key, format, rows, quarantined, dropped, duplicates, ignored }) => [
    html`<bdi>${key}</bdi>`,
    format,
    count(rows),
    count(quarantined),
    count(dropped),
    count(duplicates),
    ignored.length === 0 ? html`<span class="soft">none</span>` : html`<bdi>${listed(ignored)}</bdi>`,
  ]);
  const headings = [
    { title: 'File' },
    { title: 'Format' },
    { title: 'Rows', figures: true },
    { title: 'Quarantined', figures: true },
    { title: 'Dropped', figures: true },
    { title: 'Duplicates', figures: true },
    { title: 'Columns not declared' },
  ];
  return html`<section id="files"><h2>Files</h2>${dataTable('The files of this version; manifest.json has their exact versions', headings, rows)}${
    rest > 0 && html`<p class="soft">… and ${counted(rest, 'further file')}.</p>`
  }<details><summary>The data part of the specification</summary><pre tabindex="0">${shortened(
    JSON.stringify(data, null, 2),
    MOST_SPECIFICATION,
  )}</pre></details></section>`;
}
