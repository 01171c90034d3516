import { CliError, exitCode } from '../exit.ts';
import { identifier, literal, queryTexts, sampled } from './duckdb.ts';
import { roomFor, type Sample } from './sample.ts';

/** Values as cells (docs/data.md): times in UTC to the millisecond, whole numbers without point. */
function cellOf(name: string, type: string): string | undefined {
  const column = identifier(name);
  if (/^(STRUCT|MAP|UNION|BLOB|BIT)|\[\d*\]$/.test(type)) return undefined;
  if (type === 'DATE') return `strftime(${column}, '%Y-%m-%d')`;
  if (type.startsWith('TIMESTAMP')) return `strftime(CAST(${column} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ')`;
  if (/^(DOUBLE|FLOAT|DECIMAL)/.test(type))
    return `regexp_replace(CAST(CAST(${column} AS DOUBLE) AS VARCHAR), '\\.0$', '')`;
  return `CAST(${column} AS VARCHAR)`;
}

/** Behind it DuckDB shows the query. */
const firstLine = ({ message }: Error): string => message.split('\n')[0]!;

export async function readParquet(path: string, shown: string): Promise<Sample> {
  const from = `read_parquet(${literal(path)})`;
  const described = await queryTexts(`DESCRIBE SELECT * FROM ${from}`).catch((error: Error) => {
    throw new CliError(
      `${shown} is no Parquet that can be read (${firstLine(error)}); write it anew`,
      exitCode.badData,
    );
  });
  const columns = described.map(([name, type]) => ({
    name: name ?? '',
    cell: cellOf(name ?? '', type ?? ''),
  }));
  const [[count] = []] = await queryTexts(`SELECT count(*) FROM ${from}`);
  const total = Number(count);
  const kept = columns.filter(({ cell }) => cell !== undefined);
  const nested = columns.filter(({ cell }) => cell === undefined).map(({ name }) => name);
  const query = sampled(
    kept.map(({ cell }) => cell!),
    from,
    total,
    roomFor(kept.length),
  );
  const rows = kept.length === 0 ? [] : await queryTexts(query);
  return {
    names: kept.map(({ name }) => name.trim()),
    rows: rows.map((row) => row.map((cell) => (cell ?? '').trim())),
    total,
    notes: nested.map((name) => `${name}: its values are nested and cannot be read`),
  };
}
