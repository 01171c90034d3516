/** Distributions of numbers as drawings. Pure. */
import { BINS, type NumberSummary } from '../../../shared/preparation/result.ts';
import { at, count, figure, moment } from './figures.ts';
import { Html, html } from './html.ts';

/** A value of a number column as it reads: dates as such. */
export const valueText = (type: string, value: number): string =>
  type === 'date' ? moment(value) : figure(value);

const LABELS = 18;

export function histogram(summary: NumberSummary, type: string, width: number, height: number): Html {
  const { histogram: counts, minimum, maximum, mean, name } = summary;
  const most = Math.max(1, ...counts);
  const base = height - LABELS;
  const step = width / BINS;
  const drawn = counts.map((value, bin) => {
    const tall = value === 0 ? 0 : Math.max(1, (value / most) * (base - 4));
    const [low, high] = [binEdge(summary, bin), binEdge(summary, bin + 1)];
    const title = `${valueText(type, low)} to ${valueText(type, high)}: ${count(value)}`;
    return html`<rect class="train" x="${at(bin * step + 1)}" y="${at(base - tall)}" width="${at(step - 2)}" height="${at(tall)}"><title>${title}</title></rect>`;
  });
  const centre = maximum > minimum ? ((mean - minimum) / (maximum - minimum)) * width : width / 2;
  const label = `Distribution of ${name} from ${valueText(type, minimum)} to ${valueText(type, maximum)}; rows in each tenth: ${counts.join(', ')}`;
  return html`<svg role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${drawn}<line class="axis" x1="0" x2="${width}" y1="${base}" y2="${base}"/><line class="mean" x1="${at(centre)}" x2="${at(centre)}" y1="0" y2="${base}"><title>mean ${valueText(type, mean)}</title></line><text class="soft" x="0" y="${height - 4}">${valueText(type, minimum)}</text><text class="soft" x="${width}" y="${height - 4}" text-anchor="end">${valueText(type, maximum)}</text></svg>`;
}

const binEdge = ({ minimum, maximum }: NumberSummary, bin: number): number =>
  minimum + ((maximum - minimum) * bin) / BINS;

/** The same as a shape in the line of a table. */
export function sparkline({ histogram: counts }: NumberSummary): Html {
  const most = Math.max(1, ...counts);
  const shape = counts.map((value) => `V${at(16 - (16 * value) / most)}h8`).join('');
  return new Html(
    `<svg aria-hidden="true" viewBox="0 0 80 16" width="80" height="16"><path class="train" d="M0 16${shape}V16Z"/></svg>`,
  );
}
