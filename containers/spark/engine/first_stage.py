"""The first stage: one task for each bundle of parts reads them and cleans every row by itself."""
import marshal
import struct

from .blocks import ASIDE, END, FACTS, REFUSAL, ROW, packed_row
from .cleaning import Cleaning, Problem
from .identity import key_of, newest_of, side_of
from .plan import plan_of
from .reading.part import read_part
from .reading.rejection import Limits, Rejection

SCHEMA = (
    "dataset int, bundle int, chunk long, part int, line long, kind int, "
    "key binary, newest double, age_part int, age_line long, payload binary"
)
_CHUNK_LINES = 65_536


def read_parts(number, bundle, specifications, limits):
    """Records of SCHEMA for `(dataset, place, part)` of the bundle of this number. A chunk is what never comes apart when
    rows are put in order: a bundle of small parts, or so many lines of a large one. Of rows with equal `key` the one that comes first by `newest`
    (greatest first, null last), `age_part` and `age_line` stays. A refusal is a record, too: a task that failed would be
    tried again."""
    is_large = len(bundle) == 1
    for dataset, place, part in bundle:
        plan = plan_of(specifications[dataset])
        for record in _read_or_refuse(place, part, plan, Limits(limits[dataset])):
            line = record[1]
            yield (dataset, number, line // _CHUNK_LINES if is_large else 0, *record)


def _read_or_refuse(place, part, plan, limits):
    try:
        yield from _read(place, part, plan, limits)
    except Rejection as rejection:
        yield _alone(place, END, REFUSAL, str(rejection))


def _read(place, part, plan, limits):
    cleaning = Cleaning(plan)
    texts_at = [column.at for column in plan.columns if column.is_text]
    last = isinstance(plan.duplicates, dict)
    facts = {}
    for event in read_part(part, plan.data, plan.names, limits):
        kind = event[0]
        if kind == "cells":
            _, line, cells = event
            try:
                row = cleaning.read(cells)
            except Problem as problem:
                yield _alone(place, line, ASIDE, problem.told)
                continue
            key = key_of(plan, row) or _own_key(place, line)
            age = (-place, -line) if last else (place, line)
            payload = packed_row(row, side_of(plan, row), cells, texts_at)
            yield place, line, ROW, key, newest_of(plan, row), *age, payload
        elif kind == "aside":
            _, line, rule, value = event
            yield _alone(place, line, ASIDE, (rule, None, value, False))
        elif kind == "facts":
            _, facts["format"], facts["rows"], facts["ignored"] = event
        else:
            facts["sha256"] = event[1]
    yield _alone(place, END, FACTS, facts)


def _own_key(place, line):
    return struct.pack("<iq", place, line)


def _alone(place, line, kind, told):
    """A record that equals no other."""
    key = b"-" + _own_key(place, line)
    return place, line, kind, key, None, place, line, marshal.dumps(told)
