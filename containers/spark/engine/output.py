"""The files of a dataset as its blocks come in."""
import os

from .render import arrow_schema

_PREPARED = (
    "train/data.csv",
    "validation/data.csv",
    "test/features.csv",
    "test/labels.csv",
    "test/records.csv",
    "parquet/train.parquet",
    "parquet/validation.parquet",
    "parquet/test.parquet",
)
_GROUP_ROWS = 65_536


class DatasetFiles:
    """A refused dataset has its quarantine only."""

    def __init__(self, directory, plan, prepared):
        self._directory = directory
        self._schema = arrow_schema(plan)
        names = [*(_PREPARED if prepared else ()), "quarantine.jsonl"]
        self._files = {name: self._open(name) for name in names}
        self._waiting = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for name in list(self._waiting):
            self._write_group(name)
        for file in self._files.values():
            file.close()

    def _open(self, name):
        import pyarrow.parquet as pq

        path = os.path.join(self._directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return pq.ParquetWriter(path, self._schema) if name.endswith(".parquet") else open(path, "wb")

    def add(self, name, content):
        if not name.endswith(".parquet"):
            self._files[name].write(content)
            return
        import pyarrow

        waiting = self._waiting.setdefault(name, [])
        with pyarrow.ipc.open_stream(content) as reader:
            waiting.extend(reader)
        if sum(batch.num_rows for batch in waiting) >= _GROUP_ROWS:
            self._write_group(name)

    def _write_group(self, name):
        import pyarrow

        table = pyarrow.Table.from_batches(self._waiting.pop(name), self._schema)
        self._files[name].write_table(table, row_group_size=table.num_rows)
