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


class DatasetFiles:
    """A refused dataset has its quarantine only."""

    def __init__(self, directory, plan, prepared):
        self._directory = directory
        self._schema = arrow_schema(plan)
        names = [*(_PREPARED if prepared else ()), "quarantine.jsonl"]
        self._files = {name: self._open(name) for name in names}

    def __enter__(self):
        return self

    def __exit__(self, *_):
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

        with pyarrow.ipc.open_stream(content) as reader:
            for batch in reader:
                self._files[name].write_batch(batch)
