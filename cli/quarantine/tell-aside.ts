/** What a person reads of the rows that were put aside, line by line. Pure. */
import type { AsideCounts, CountedAside } from './count-aside.ts';
import type { PreparedRun } from './find-quarantine.ts';

const number = (value: number): string => value.toLocaleString('en');
const counted = (rows: number): string => `${number(rows)} ${rows === 1 ? 'row' : 'rows'}`;

export function tellAside(
  run: PreparedRun,
  { counts, elsewhere }: AsideCounts,
  uri: string,
): readonly string[] {
  const sum = counts.reduce((total, { rows }) => total + rows, 0);
  const set = sum === 0 ? 'no row was put aside' : `${counted(sum)} put aside`;
  return [
    ...headline(run, set),
    ...counts.flatMap((each) => ['', ...blockOf(each, run.pipeline)]),
    ...(elsewhere > 0 ? ['', `${counted(elsewhere)} more of files that the dataset had before`] : []),
    ...(sum + elsewhere === 0 ? [] : ['', `All of them, each with file, line, column and value: ${uri}`]),
  ];
}

function headline({ runId, pipeline, dataset, reason }: PreparedRun, set: string): readonly string[] {
  if (!dataset) return [`Run ${runId} was rejected: ${reason}`, set];
  const { train, validation, test } = dataset.rows;
  const kept = counted(train + validation + test);
  return [`Dataset ${dataset.version} of ${pipeline} (run ${runId}): ${kept} kept, ${set}`];
}

function blockOf(
  { rule, column, rows, dropped, reason, remedy, example }: CountedAside,
  pipeline: string,
): readonly string[] {
  const { file, line } = example;
  const where = column === null ? '' : ` in ${column}`;
  const wished = dropped ? ', left out as the specification wishes' : '';
  const name = file.startsWith(`incoming/${pipeline}/`) ? file.slice(`incoming/${pipeline}/`.length) : file;
  return [
    `${counted(rows)}: ${rule}${where}${wished}`,
    `  such as: ${reason} (${name}, line ${line})`,
    ...(dropped ? [] : [`  what to do: ${remedy}`]),
  ];
}
