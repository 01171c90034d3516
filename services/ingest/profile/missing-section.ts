/** What was not there, and what still is not. Pure. */
import { dataTable } from './data-table.ts';
import { count, counted, share, shortened } from './figures.ts';
import { type Html, html, nothing } from './html.ts';
import { meter } from './meter.ts';
import { type ProfileInput, rowsKept, type ShownColumn, shownColumns } from './profile-input.ts';

const FIRST = 30;

/** Rows may have been set aside for what they lack. */
const none = ({ result }: ProfileInput): string =>
  result.rules.some(({ rule }) => rule === 'missing')
    ? 'None in the rows that were kept; those without a value that must be there were set aside.'
    : 'None: every cell was there.';

export function missingSection(input: ProfileInput): Html {
  const kept = rowsKept(input.result);
  const train = input.result.rows.train;
  const blankOf = ({ changes }: ShownColumn) => changes?.blank ?? 0;
  const found = shownColumns(input)
    .filter((column) => blankOf(column) > 0 || column.summary.missing > 0)
    .sort((a, b) => blankOf(b) - blankOf(a) || b.summary.missing - a.summary.missing);
  const cell = (part: number, whole: number, fill: string) =>
    part === 0
      ? html`<span class="soft">0</span>`
      : html`${count(part)} <span class="soft">${share(part, whole)}</span>${meter(part, whole, fill)}`;
  const rows = found
    .slice(0, FIRST)
    .map((column) => [
      html`<bdi>${shortened(column.summary.name, 60)}</bdi>`,
      column.changes ? cell(blankOf(column), kept, 'test') : html`<span class="soft">derived</span>`,
      cell(column.summary.missing, train, 'quarantined'),
    ]);
  const headings = [
    { title: 'Column' },
    { title: 'Blank as read (rows kept)', figures: true },
    { title: 'Missing after cleaning (train)', figures: true },
  ];
  return html`<section id="missing"><h2>Missing values</h2>${
    found.length === 0
      ? html`<p>${none(input)}</p>`
      : dataTable('Columns with missing values, most blank first', headings, rows)
  }${found.length > FIRST ? html`<p class="soft">… and ${counted(found.length - FIRST, 'further column')} with fewer.</p>` : nothing}</section>`;
}
