/** A Jupyter notebook that begins the exploration of a dataset version, to be read from the version's own folder.
 * Format: nbformat 4.5. Pure. */

export interface NotebookSubject {
  readonly pipeline: string;
  readonly version: string;
  readonly target: string;
}

interface Cell {
  readonly kind: 'markdown' | 'code';
  readonly id: string;
  readonly source: string;
}

export function notebook(subject: NotebookSubject): string {
  const document = {
    cells: cellsOf(subject).map(({ kind, id, source }) => ({
      cell_type: kind,
      id,
      metadata: {},
      ...(kind === 'code' ? { execution_count: null, outputs: [] } : {}),
      source: source.split(/(?<=\n)/),
    })),
    metadata: {
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      language_info: { name: 'python' },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

/** A text as Python writes it: all of JSON's escapes are Python's, too. */
const pythonText = (text: string): string => JSON.stringify(text.toWellFormed());

function cellsOf({ pipeline, version, target }: NotebookSubject): readonly Cell[] {
  return [
    {
      kind: 'markdown',
      id: 'title',
      source: `# ${pipeline}\nDataset version \`${version}\`. \`profile.html\` beside this notebook shows it at a glance; \`manifest.json\` names the files that it was made of.\n\nIt wants \`pip install pandas pyarrow matplotlib\`.`,
    },
    {
      kind: 'code',
      id: 'load',
      source: `import json
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

folder = Path(".")
target = ${pythonText(target)}
sides = {
    side: pd.read_parquet(folder / "parquet" / f"{side}.parquet")
    for side in ("train", "validation", "test")
}
train, validation, test = sides.values()
pd.Series({side: len(rows) for side, rows in sides.items()}, name="rows").to_frame()`,
    },
    { kind: 'code', id: 'head', source: 'train.head()' },
    { kind: 'code', id: 'describe', source: 'train.describe(include="all").T' },
    {
      kind: 'markdown',
      id: 'missing-title',
      source: '## Missing values\nAfter cleaning; what was blank before is in `profile.html`.',
    },
    {
      kind: 'code',
      id: 'missing',
      source:
        'missing = train.isna().mean().sort_values(ascending=False)\nmissing[missing > 0].head(30).to_frame("share missing")',
    },
    {
      kind: 'markdown',
      id: 'target-title',
      source: '## The target\nIs it balanced, and alike on every side?',
    },
    {
      kind: 'code',
      id: 'target',
      source: `if train[target].nunique() <= 20:
    balance = pd.DataFrame(
        {side: rows[target].value_counts(normalize=True) for side, rows in sides.items()}
    )
    balance.plot.bar(title=target, ylabel="share of rows")
else:
    ax = train[target].plot.hist(bins=40, title=target)
plt.show()`,
    },
    {
      kind: 'markdown',
      id: 'columns-title',
      source: '## Distributions\nThe first twenty number columns; `train[["a", "b"]]` picks others.',
    },
    {
      kind: 'code',
      id: 'columns',
      source: `numbers = train.select_dtypes("number")
if not numbers.empty:
    numbers.iloc[:, :20].hist(bins=30, figsize=(14, 10))
    plt.tight_layout()
    plt.show()`,
    },
    {
      kind: 'markdown',
      id: 'correlations-title',
      source: '## What moves with the target\nTexts count by the order of their values only.',
    },
    {
      kind: 'code',
      id: 'correlations',
      source: `label = train[target] if target in numbers else train[target].astype("category").cat.codes
together = numbers.drop(columns=target, errors="ignore").corrwith(label)
together.sort_values(key=abs, ascending=False).head(20).to_frame("r")`,
    },
    {
      kind: 'markdown',
      id: 'quarantine-title',
      source:
        '## What was set aside\nRows that broke a rule, with file, line, column and value; `dropped` ones are no evidence against the data.',
    },
    {
      kind: 'code',
      id: 'quarantine',
      source: `path = folder / "quarantine.jsonl"
lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
quarantine = pd.DataFrame(
    [json.loads(line) for line in lines], columns=["file", "line", "column", "rule", "value", "dropped"]
)
quarantine.groupby(["rule", "column"], dropna=False).size().sort_values(ascending=False).to_frame("rows")`,
    },
    { kind: 'code', id: 'quarantine-head', source: 'quarantine.head(20)' },
  ];
}
