/** Where the rows that were read went. Pure. */
import { remedyOf } from '../../../shared/preparation/remedy.ts';
import { explain, type Rule } from '../../../shared/preparation/row-problem.ts';
import { dataTable } from './data-table.ts';
import { at, count, counted, share, shortened } from './figures.ts';
import { Html, html, nothing } from './html.ts';
import { meter } from './meter.ts';
import { type ProfileInput, rowsRead } from './profile-input.ts';

const MOST_RULES = 50;
const MOST_REASON = 240;
const [WIDTH, HEIGHT] = [880, 250];
const [LEFT, RIGHT, NODE] = [150, 620, 14];
const GAP = 16;
/** Whatever is not nothing can be seen. */
const THINNEST = 2;

interface Stream {
  readonly kind: string;
  readonly title: string;
  readonly rows: number;
}

export function flowSection(input: ProfileInput): Html {
  const { result } = input;
  const read = rowsRead(result);
  const streams = streamsOf(input);
  const aside = result.quarantined + result.dropped + result.duplicates;
  return html`<section id="rows"><h2>From rows read to rows prepared</h2>
<p>${counted(read, 'row')} read, ${counted(aside, 'row')} set aside (${share(aside, read)}). What was set aside is listed in <code>quarantine.jsonl</code> with file, line, column, rule and value.</p>
<figure class="scroll">${drawing(read, streams)}</figure>
${rulesTable(input, read)}</section>`;
}

function streamsOf({ result }: ProfileInput): readonly Stream[] {
  const { train, validation, test } = result.rows;
  return [
    { kind: 'train', title: 'Train', rows: train },
    { kind: 'validation', title: 'Validation', rows: validation },
    { kind: 'test', title: 'Test', rows: test },
    { kind: 'duplicates', title: 'Duplicates', rows: result.duplicates },
    { kind: 'dropped', title: 'Dropped', rows: result.dropped },
    { kind: 'quarantined', title: 'Quarantined', rows: result.quarantined },
  ].filter(({ rows }) => rows > 0);
}

function drawing(read: number, streams: readonly Stream[]): Html {
  const total = streams.reduce((sum, { rows }) => sum + rows, 0);
  const room = HEIGHT - 20 - GAP * (streams.length - 1);
  const thick = (rows: number) => Math.max(THINNEST, (rows / total) * room);
  const height = streams.reduce((sum, { rows }) => sum + thick(rows), 0);
  const label = `Rows read: ${count(read)}. ${streams.map(({ title, rows }) => `${title}: ${count(rows)}`).join('. ')}.`;
  let [from, to] = [(HEIGHT - height) / 2, 10];
  const bands = streams.map(({ kind, title, rows }) => {
    const t = thick(rows);
    const band = new Html(
      `<path class="${kind}" fill-opacity=".35" d="${ribbon(from, to, t)}"/><rect class="${kind}" x="${RIGHT}" y="${at(to)}" width="${NODE}" height="${at(t)}"/>`,
    );
    const text = html`<text x="${RIGHT + NODE + 10}" y="${at(to + t / 2 + 4)}">${title} <tspan class="soft">${count(rows)} (${share(rows, read)})</tspan></text>`;
    from += t;
    to += t + GAP;
    return [band, text];
  });
  return html`<svg role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"><text x="${LEFT - 10}" y="${HEIGHT / 2}" text-anchor="end">Rows read</text><text class="soft" x="${LEFT - 10}" y="${HEIGHT / 2 + 17}" text-anchor="end">${count(read)}</text><rect class="ink" x="${LEFT}" y="${at((HEIGHT - height) / 2)}" width="${NODE}" height="${at(height)}"/>${bands}</svg>`;
}

function ribbon(from: number, to: number, thick: number): string {
  const [start, end] = [LEFT + NODE, RIGHT];
  const middle = (start + end) / 2;
  const [a, b] = [at(from + thick), at(to + thick)];
  return `M${start} ${at(from)}C${middle} ${at(from)} ${middle} ${at(to)} ${end} ${at(to)}V${b}C${middle} ${b} ${middle} ${a} ${start} ${a}Z`;
}

function rulesTable({ data, result: { rules } }: ProfileInput, read: number): Html {
  if (rules.length === 0) return html`<p>No row broke a rule.</p>`;
  const shown = rules.slice(0, MOST_RULES);
  const rest = rules.length - shown.length;
  const rows = shown.map(({ rule, column, rows, example }) => {
    const problem = { rule: rule as Rule, column, value: example };
    return [
      rule,
      column === null ? html`<span class="soft">the row</span>` : html`<bdi>${shortened(column, 60)}</bdi>`,
      html`${count(rows)}${meter(rows, read, 'quarantined')}`,
      html`<bdi>${shortened(explain(problem, data), MOST_REASON)}</bdi>`,
      html`<span class="soft">${remedyOf(problem, data)}</span>`,
    ];
  });
  return html`${dataTable(
    'Rules that set rows aside, most frequent first',
    [
      { title: 'Rule' },
      { title: 'Column' },
      { title: 'Rows', figures: true },
      { title: 'The first of them', sentences: true },
      { title: 'What to do', sentences: true },
    ],
    rows,
  )}${rest > 0 ? html`<p class="soft">… and ${counted(rest, 'further rule')}.</p>` : nothing}`;
}
