"""JSON Lines: one object a line; keys are column names."""
import json
import math
import re

from ..numbers import number_text
from ..text import BLANKS, MOST, trim, well_formed
from .rejection import Rejection, byte_length, too_large_cell, too_large_row, too_many_cells

_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,9})\Z")


class Nested:
    """A value that is no cell: a list or an object, as text."""

    def __init__(self, text):
        self.text = text

    def __len__(self):
        return len(self.text)


def _no_constant(name):
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_int=float, parse_constant=_no_constant)


def read_json_lines(texts, columns, limits):
    """Events as of delimited text; a cell may be Nested."""
    declared = set(columns)
    ignored = {}
    rows = 0
    for number, line in enumerate(_json_lines(texts, limits.row_bytes), 1):
        if len(line) * 4 > limits.row_bytes and byte_length(line) > limits.row_bytes:
            raise too_large_row(number, limits)
        if not trim(line):
            continue
        rows += 1
        record = _object_of(line)
        if record is None:
            yield "aside", number, "not-json", line.rstrip(BLANKS)[:MOST]
            continue
        if len(record) > limits.columns:
            raise too_many_cells(number, limits)
        if len(ignored) < limits.columns:
            ignored.update((name, True) for name in _in_order(record) if name not in declared)
        yield "cells", number, [_cell(record.get(name), number, limits) for name in columns]
    if rows == 0:
        raise Rejection("the file has no rows; drop one JSON object a line")
    yield "facts", "jsonl", rows, list(ignored)


def _json_lines(texts, most):
    """Lines without their ends; one of more than so many characters in pieces, the first of which is too long."""
    rest = []
    length = 0
    for text in texts:
        first, *lines = text.split("\n")
        rest.append(first)
        length += len(first)
        if lines or length > most:
            yield "".join(rest)
            *whole, last = lines or [""]
            yield from whole
            rest, length = [last], len(last)
    if length:
        yield "".join(rest)


def _object_of(line):
    try:
        value = _DECODER.decode(line.rstrip("\r"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _cell(value, number, limits):
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        return Nested(well_formed(_json_text(value))[:MOST])
    cell = value_text(value)
    if len(cell) * 4 > limits.cell_bytes and byte_length(cell) > limits.cell_bytes:
        raise too_large_cell(number, limits)
    return trim(well_formed(cell))


def value_text(value):
    """A text, number or truth value of a typed source as a cell."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value)


def _in_order(record):
    """Keys as JavaScript goes through them: whole numbers first, ascending."""
    indices = [name for name in record if _INDEX.match(name) and int(name) < 2**32 - 1]
    if not indices:
        return list(record)
    return sorted(indices, key=int) + [name for name in record if name not in set(indices)]


def _json_text(value):
    """As JSON.stringify writes it."""
    if isinstance(value, dict):
        inner = (f"{json.dumps(name, ensure_ascii=False)}:{_json_text(value[name])}" for name in _in_order(value))
        return "{" + ",".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    if isinstance(value, float) and not isinstance(value, bool):
        return "null" if math.isinf(value) else number_text(value)
    return json.dumps(value, ensure_ascii=False)
