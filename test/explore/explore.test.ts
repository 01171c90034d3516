/** `ratchet explore` on a dataset that the running Ratchet prepared, and the notebook that it writes, executed. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { applyFile } from '../../cli/apply.ts';
import { dropFiles } from '../../cli/drop-files.ts';
import { root } from '../../cli/package-service.ts';
import { createStory } from '../e2e/support/story.ts';
import { startTestCloud, type TestCloud } from '../e2e/support/test-cloud.ts';
import { describeWith } from '../support/outside-client.ts';
import { virtualEnvironment } from '../support/virtual-environment.ts';

const REQUIREMENTS = [
  'nbclient==0.11.0',
  'nbformat==5.11.1',
  'ipykernel==7.4.0',
  'pandas==3.1.1',
  'pyarrow==26.0.1',
  'matplotlib==3.11.2',
];
const jupyter = virtualEnvironment('explore', REQUIREMENTS);

/** A target with a name that Python, JSON and Markdown each would read in their own way. */
const TARGET = 'it\'s "over" \\ 10 – 😀';
const SPECIFICATION = {
  name: 'readings',
  data: {
    seal: 'manifest',
    columns: [
      { name: 'depth', type: 'number', missing: 'median', indicator: true },
      { name: 'place', type: 'text', canonical: { north: ['N'], south: ['S'] }, encode: 'one-hot' },
      { name: TARGET, type: 'integer', minimum: 0, maximum: 1 },
    ],
    target: TARGET,
    quality: { minimumRows: 50 },
  },
  train: { image: 'xgboost', hyperparameters: { objective: 'binary:logistic', num_round: 5 } },
  evaluate: { metric: 'accuracy', prediction: 'probability', required: 0.2 },
};
const ROWS = 400;
const BROKEN = 7;

const csv = [
  `depth,place,"${TARGET.replaceAll('"', '""')}"`,
  ...Array.from(
    { length: ROWS },
    (_, at) => `${at % 9 === 0 ? '' : at / 7},${at % 3 ? 'N' : 'south'},${at % 2}`,
  ),
  ...Array.from({ length: BROKEN }, (_, at) => `deep ${at},N,1`),
].join('\n');

describeWith({ name: 'jupyter (PyPI)', missing: jupyter.missing }, 'ratchet explore', () => {
  let cloud: TestCloud;
  let scratch: string;
  let folder: string;
  let said: string;

  const ratchet = async (...args: readonly string[]): Promise<string> => {
    const program = [join(root, 'cli/launch.mjs'), ...args, '--dir', cloud.dir];
    return (await promisify(execFile)(process.execPath, program, { cwd: scratch })).stdout;
  };

  beforeAll(async () => {
    cloud = await startTestCloud();
    scratch = mkdtempSync(join(tmpdir(), 'ratchet-explore-'));
    writeFileSync(join(scratch, 'readings.json'), JSON.stringify(SPECIFICATION));
    writeFileSync(join(scratch, 'readings.csv'), csv);
    await applyFile(join(scratch, 'readings.json'), cloud.info);
    await dropFiles(cloud.info, 'readings', [join(scratch, 'readings.csv')], 'first');
    const story = createStory(cloud.api, 'readings');
    const version = await story.until('the dataset', 60, async () => (await story.runs())[0]?.dataset);
    folder = join(scratch, `readings-${version}`);
    said = await ratchet('explore', 'readings', '--no-open');
  }, 240_000);

  afterAll(async () => {
    await cloud?.close();
    if (scratch) rmSync(scratch, { recursive: true, force: true });
  });

  it('says where it put the profile, the rows, and the notebook', () => {
    expect(said).toContain(folder);
    expect(readdirSync(folder)).toEqual(
      expect.arrayContaining([
        'explore.ipynb',
        'manifest.json',
        'parquet',
        'profile.html',
        'quarantine.jsonl',
      ]),
    );
    expect(readFileSync(join(folder, 'profile.html'), 'utf8')).toContain('not-a-number');
  });

  it('finds the same version by its first digits, into a folder of choice', async () => {
    const version = folder.slice(-32);
    await ratchet('explore', `readings@${version.slice(0, 8)}`, '--out', 'mine', '--no-open');
    expect(readFileSync(join(scratch, 'mine/explore.ipynb'))).toEqual(
      readFileSync(join(folder, 'explore.ipynb')),
    );
  });

  it('wrote a valid notebook that Jupyter executes from its folder', async () => {
    const program = [
      'import nbclient, nbformat',
      'notebook = nbformat.read("explore.ipynb", 4)',
      'nbformat.validate(notebook)',
      'nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": "."}}).execute()',
      'nbformat.write(notebook, "executed.ipynb")',
    ].join('\n');
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: scratch,
      LANG: 'C.UTF-8',
      MPLBACKEND: 'module://matplotlib_inline.backend_inline',
    };
    await promisify(execFile)(jupyter.interpreter, ['-c', program], { cwd: folder, env });
    const executed = JSON.parse(readFileSync(join(folder, 'executed.ipynb'), 'utf8')) as Executed;
    const shown = new Map(
      executed.cells.map(({ id, outputs = [] }) => [
        id,
        outputs
          .flatMap(({ data = {} }) =>
            Object.entries(data).map(([type, value]) => `${type}: ${[value].flat().join('')}`),
          )
          .join('\n'),
      ]),
    );
    expect(shown.get('load')).toMatch(/train\s+\d+/);
    expect(shown.get('target')).toContain('image/png');
    expect(shown.get('columns')).toContain('image/png');
    expect(shown.get('correlations')).toContain('depth');
    expect(shown.get('quarantine')).toMatch(new RegExp(`not-a-number\\s+depth\\s+${BROKEN}`));
  }, 240_000);

  it('says what is not there', async () => {
    await expect(ratchet('explore', 'readings@ffffffff', '--no-open')).rejects.toThrow(
      'no dataset version ffffffff of readings',
    );
  });
});

interface Executed {
  readonly cells: readonly {
    readonly id: string;
    readonly outputs?: readonly { readonly data?: Readonly<Record<string, string | readonly string[]>> }[];
  }[];
}
