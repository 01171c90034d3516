/** What the dataset is, in figures. Pure. */
import { SIDES } from '../../../shared/preparation/result.ts';
import { count, counted, share } from './figures.ts';
import { type Content, type Html, html } from './html.ts';
import { type ProfileInput, rowsKept, rowsRead } from './profile-input.ts';

export function summary({ pipeline, version, data, result }: ProfileInput): Html {
  const kept = rowsKept(result);
  const read = rowsRead(result);
  const derived = data.derive.length;
  return html`<h1><bdi>${pipeline}</bdi>: profile of a dataset</h1>
<p class="soft">Version <code>${version}</code>, prepared by ${ENGINES[result.engine]} from ${counted(result.parts.length, 'file')}</p>
<dl class="tiles">${tile('Rows', count(kept), `of ${count(read)} read`)}${SIDES.map((side) =>
    tile(TITLES[side], count(result.rows[side]), share(result.rows[side], kept), `side ${side}`),
  )}${tile('Columns', count(result.columns.length - derived), derived > 0 && `+ ${count(derived)} derived`)}${tile(
    'Features',
    count(result.features.length),
  )}</dl>`;
}

const ENGINES = { duckdb: 'DuckDB', spark: 'Spark' } as const;
export const TITLES = { train: 'Train', validation: 'Validation', test: 'Test' } as const;

const tile = (title: string, value: string, note?: Content, kind = ''): Html =>
  html`<div class="tile ${kind}"><dt>${title}</dt><dd>${value} ${note && html`<small>${note}</small>`}</dd></div>`;
