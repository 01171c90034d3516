"""Parquet: each value becomes the cell that a text file would hold."""
import datetime
import decimal
import json
import tempfile

from ..numbers import number_text
from ..text import MOST, trim
from .header import Header
from .json_lines import Nested, value_text
from .rejection import Rejection, byte_length

_ROWS = 4096


def read_parquet(chunks, size, columns, limits):
    """Events as of delimited text; rows count from 1."""
    import pyarrow
    import pyarrow.parquet as pq

    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        try:
            yield from _events(pq.ParquetFile(file.name), size, columns, limits)
        except (pyarrow.ArrowException, OSError) as error:
            why = str(error).splitlines()[0][:MOST]
            raise Rejection(f"the Parquet file cannot be read ({why}); write it anew, and drop it again") from None


def _events(parquet, size, columns, limits):
    metadata = parquet.metadata
    content = sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))
    most = min(limits.unpacked_bytes, limits.free_bytes + limits.expansion * size)
    if content > most:
        raise Rejection(f"the file unpacks to more than the allowed {most:,} bytes; drop it in parts")
    names = parquet.schema_arrow.names
    if len(names) > limits.columns:
        raise Rejection(f"the file has more than {limits.columns:,} columns; leave some out")
    header = Header(names, columns)
    wanted = [names[position] for position in header.positions]
    if metadata.num_rows == 0:
        raise Rejection("the file has no rows; drop one that has some")
    row = 0
    for batch in parquet.iter_batches(batch_size=_ROWS, columns=wanted):
        read = [_cells(batch.column(batch.schema.get_field_index(name)), limits) for name in wanted]
        for cells in zip(*read):
            row += 1
            yield "cells", row, list(cells)
    yield "facts", "parquet", metadata.num_rows, header.ignored


def _cells(array, limits):
    import pyarrow

    if pyarrow.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pyarrow.types.is_timestamp(array.type):
        # Beyond milliseconds nothing is kept, and Python's own moments know no nanoseconds.
        unit = {"s": 1000, "ms": 1, "us": -1000, "ns": -1_000_000}[array.type.unit]
        counts = array.cast(pyarrow.int64()).to_pylist()
        return [_moment(count, unit) for count in counts]
    return [_cell(value, limits) for value in array.to_pylist()]


def _moment(count, unit):
    if count is None:
        return ""
    milliseconds = count * unit if unit > 0 else count // -unit
    try:
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=milliseconds)
    except OverflowError:
        return Nested(str(milliseconds))
    return f"{moment.isoformat(timespec='milliseconds')}Z"


def _cell(value, limits):
    if value is None:
        return ""
    if isinstance(value, str):
        if len(value) * 4 > limits.cell_bytes and byte_length(value) > limits.cell_bytes:
            raise Rejection(f"a cell has more than {limits.cell_bytes:,} bytes; shorten it")
        return trim(value)
    if isinstance(value, (bool, float)):
        return "NaN" if value != value else value_text(value)
    if isinstance(value, (int, decimal.Decimal)):
        return number_text(float(value))
    if isinstance(value, datetime.date):
        return value.isoformat()
    return Nested(json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))[:MOST])
