/** What is to be predicted. Pure. */
import { type PreparedResult, SIDES } from '../../../shared/preparation/result.ts';
import { dataTable } from './data-table.ts';
import { count, counted, share, shortened } from './figures.ts';
import { histogram, valueText } from './histogram.ts';
import { type Content, type Html, html } from './html.ts';
import { meter } from './meter.ts';
import { type ProfileInput, type ShownColumn, shownColumns } from './profile-input.ts';
import { TITLES } from './summary-section.ts';

const MOST_CLASSES = 30;

export function targetSection(input: ProfileInput): Html {
  const target = shownColumns(input).find(({ isTarget }) => isTarget);
  const { classes = [] } = input.result;
  const shown = classes.length > 0 ? balance(input.result, classes) : target && distribution(target);
  return html`<section id="target"><h2>The target: <bdi>${input.data.target}</bdi></h2>${shown}</section>`;
}

type Classes = NonNullable<PreparedResult['classes']>;

function balance({ rows }: PreparedResult, classes: Classes): Html {
  const shown = classes.slice(0, MOST_CLASSES);
  const cells = shown.map((entry): readonly Content[] => [
    html`<bdi>${shortened(entry.value, 60)}</bdi>`,
    ...SIDES.map((side) =>
      entry[side] === 0
        ? html`<span class="soft">0</span>`
        : html`${count(entry[side])} <span class="soft">${share(entry[side], rows[side])}</span>${meter(entry[side], rows[side], side)}`,
    ),
  ]);
  const headings = [{ title: 'Class' }, ...SIDES.map((side) => ({ title: TITLES[side], figures: true }))];
  return html`${dataTable('Rows of each class by side; shares are of the side', headings, cells)}${
    classes.length > shown.length &&
    html`<p class="soft">… and ${counted(classes.length - shown.length, 'further class', 'further classes')}.</p>`
  }`;
}

function distribution({ summary, type }: ShownColumn): Html | undefined {
  if (summary.kind === 'text') return undefined;
  const text = (value: number) => valueText(type, value);
  return html`<p class="soft">Mean ${text(summary.mean)}, standard deviation ${text(summary.deviation)}, over the training rows; the dashed line is the mean.</p><figure class="scroll">${histogram(summary, type, 720, 180)}</figure>`;
}
