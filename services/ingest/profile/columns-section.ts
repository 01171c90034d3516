/** How the values of each column are distributed over the training rows. Pure. */
import type { NumberSummary, TextSummary } from '../../../shared/preparation/result.ts';
import { dataTable } from './data-table.ts';
import { count, counted, figure, share, shortened } from './figures.ts';
import { histogram, sparkline, valueText } from './histogram.ts';
import { type Content, type Html, html, nothing } from './html.ts';
import { bars } from './meter.ts';
import { type ProfileInput, type ShownColumn, shownColumns } from './profile-input.ts';

/** Columns with a card of their own, and those that a table lists; more would make the page too large to read. */
const CARDS = 60;
const LINES = 1000;
const VALUES = 8;

export function columnsSection(input: ProfileInput): Html {
  const columns = shownColumns(input);
  const [cards, lines] = [columns.slice(0, CARDS), columns.slice(CARDS, CARDS + LINES)];
  const rest = columns.length - cards.length - lines.length;
  return html`<section id="columns"><h2>Distributions</h2>
<p class="soft">Of the ${counted(input.result.rows.train, 'training row')}, after cleaning. A dashed line is the mean.</p>
<div class="cards">${cards.map(card)}</div>
${lines.length > 0 && html`<details><summary>${counted(lines.length, 'further column')}</summary>${linesTable(lines)}</details>`}
${rest > 0 ? html`<p class="soft">${counted(rest, 'column')} more are left out here; <code>statistics.json</code> has them all.</p>` : nothing}</section>`;
}

function card({ summary, type, isTarget }: ShownColumn): Html {
  return html`<article class="card"><div><h3><bdi>${summary.name}</bdi></h3><span class="badge">${type}</span>${
    isTarget && html`<span class="badge target">target</span>`
  }</div>${summary.kind === 'text' ? texts(summary) : numbers(summary, type)}</article>`;
}

function numbers(summary: NumberSummary, type: string): Html {
  const text = (value: number) => valueText(type, value);
  const drawn =
    summary.present === 0
      ? html`<p class="soft">Nothing is there.</p>`
      : summary.distinct === 1
        ? html`<p class="soft">Always ${text(summary.minimum)}.</p>`
        : histogram(summary, type, 260, 96);
  const spread =
    type === 'date' ? `${figure(summary.deviation / 86_400_000)} days` : figure(summary.deviation);
  const figures: readonly (readonly [string, string])[] =
    summary.present === 0
      ? []
      : [
          ['Mean', text(summary.mean)],
          ['Deviation', spread],
        ];
  return html`${drawn}${facts([...figures, ...countsOf(summary)])}`;
}

function texts(summary: TextSummary): Html {
  const shown = summary.top.slice(0, VALUES);
  const others = summary.present - shown.reduce((sum, { count }) => sum + count, 0);
  const rows = shown.map(({ value, count: times }) => ({
    name: shortened(value, 60),
    part: times,
    whole: summary.present,
    label: share(times, summary.present),
  }));
  const rest = { name: html`<span class="soft">other</span>`, part: others, whole: summary.present };
  return html`${summary.present === 0 ? html`<p class="soft">Nothing is there.</p>` : bars(others > 0 ? [...rows, { ...rest, label: share(others, summary.present), fill: 'duplicates' }] : rows)}${facts(countsOf(summary))}`;
}

const countsOf = ({ present, missing, distinct }: NumberSummary | TextSummary): [string, string][] => [
  ['Distinct', count(distinct)],
  ['Missing', missing === 0 ? '0' : `${count(missing)} (${share(missing, present + missing)})`],
];

const facts = (pairs: readonly (readonly [string, string])[]): Html =>
  html`<dl class="facts">${pairs.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;

function linesTable(columns: readonly ShownColumn[]): Html {
  const headings = [
    { title: 'Column' },
    { title: 'Type' },
    { title: 'Shape' },
    { title: 'Least', figures: true },
    { title: 'Mean', figures: true },
    { title: 'Most', figures: true },
    { title: 'Distinct', figures: true },
    { title: 'Missing', figures: true },
  ];
  return dataTable('The further columns, a line each', headings, columns.map(line));
}

function line({ summary, type }: ShownColumn): readonly Content[] {
  const name = html`<bdi>${shortened(summary.name, 60)}</bdi>`;
  const tail = [count(summary.distinct), count(summary.missing)];
  if (summary.kind === 'text')
    return [name, type, html`<bdi>${shortened(summary.top[0]?.value ?? '', 24)}</bdi>`, '', '', '', ...tail];
  const text = (value: number) => (summary.present === 0 ? '' : valueText(type, value));
  const figures = [text(summary.minimum), text(summary.mean), text(summary.maximum)];
  return [name, type, sparkline(summary), ...figures, ...tail];
}
