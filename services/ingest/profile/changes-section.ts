/** What cleaning did to each column, over the rows that were kept. Pure. */
import type { ColumnChanges } from '../../../shared/preparation/result.ts';
import { dataTable } from './data-table.ts';
import { count, counted, share, shortened } from './figures.ts';
import { type Content, type Html, html, nothing } from './html.ts';
import { meter } from './meter.ts';
import { type ProfileInput, rowsKept } from './profile-input.ts';

const FIRST = 30;
const MOST = 1000;

/** The columns of the table in the order of the steps. */
const STEPS: readonly (readonly [key: keyof Omit<ColumnChanges, 'name'>, title: string])[] = [
  ['blank', 'Blank as read'],
  ['canonicalised', 'Spelling unified'],
  ['nulled', 'Made missing'],
  ['clipped', 'Clipped'],
  ['filled', 'Filled'],
];

export function changesSection({ result }: ProfileInput): Html {
  const touched = result.changes.filter((change) => STEPS.some(([key]) => change[key] > 0));
  const untouched = result.changes.length - touched.length;
  const table = (rows: readonly ColumnChanges[]) =>
    dataTable(
      'Cells of the rows that were kept, by what each step of cleaning met or changed',
      [{ title: 'Column' }, ...STEPS.map(([, title]) => ({ title, figures: true }))],
      rows.map((change) => rowOf(change, rowsKept(result))),
    );
  const [first, more] = [touched.slice(0, FIRST), touched.slice(FIRST, MOST)];
  return html`<section id="cleaning"><h2>What cleaning changed</h2>
${touched.length === 0 ? html`<p>Every cell stayed as it was read.</p>` : table(first)}
${more.length > 0 && html`<details><summary>${counted(more.length, 'further column')}</summary>${table(more)}</details>`}
${touched.length > 0 && untouched > 0 ? html`<p class="soft">${counted(untouched, 'other column')} stayed as read.</p>` : nothing}
${touched.length > MOST && html`<p class="soft">${counted(touched.length - MOST, 'column')} more changed; they are left out here.</p>`}</section>`;
}

function rowOf(change: ColumnChanges, rows: number): readonly Content[] {
  const cell = (value: number): Content =>
    value === 0
      ? html`<span class="soft">0</span>`
      : html`${count(value)} <span class="soft">${share(value, rows)}</span>${meter(value, rows, 'test')}`;
  return [html`<bdi>${shortened(change.name, 60)}</bdi>`, ...STEPS.map(([key]) => cell(change[key]))];
}
