"""The first stage: parts are read, and every row is cleaned by itself. Small parts are read and cleaned by one task for a
bundle of them. A large one is read by one task, which only cuts it into batches of cells; others clean these, which takes
ten times as long."""
import marshal
import struct

from .blocks import ASIDE, END, FACTS, REFUSAL, ROW, packed_row
from .cleaning import Cleaning, Problem
from .identity import key_of, newest_of, side_of
from .plan import plan_of
from .reading.json_lines import Nested
from .reading.part import read_part
from .reading.rejection import Limits, Rejection

SCHEMA = (
    "dataset int, bundle int, chunk long, part int, line long, kind int, "
    "key binary, newest double, age_part int, age_line long, payload binary"
)
"""Of the records of rows, of problems and of what is known of a part. A chunk is what never comes apart when rows are put
in order: a bundle of small parts, or a piece of a large one. Of rows with equal `key` the one that comes first by `newest`
(greatest first, null last), `age_part` and `age_line` stays."""
BATCHES = "slot long, batch binary"
_BATCH_LINES = 1024
_BATCH_CHARACTERS = 128 * 1024
_CHUNK_LINES = 65_536
_CHUNK_CHARACTERS = 32 * 1024**2


def clean_bundle(number, bundle, specifications, limits):
    """Records for each `(dataset, place, part)` of the bundle of this number."""
    for dataset, place, part in bundle:
        plan = plan_of(specifications[dataset])
        for record in _records(place, plan, _events(part, plan, Limits(limits[dataset]))):
            yield (dataset, number, 0, *record)


def read_batches(number, bundle, specifications, limits):
    """Batches of the only part of a bundle."""
    [(dataset, place, part)] = bundle
    plan = plan_of(specifications[dataset])
    events = _events(part, plan, Limits(limits[dataset]))
    for slot, (chunk, batch) in enumerate(_batched(events)):
        yield slot, _packed((dataset, number, chunk, place), batch)


def clean_batch(batch, specifications):
    """Records of what `read_batches` has put together."""
    (dataset, number, chunk, place), events = _unpacked(batch)
    plan = plan_of(specifications[dataset])
    for record in _records(place, plan, events):
        yield (dataset, number, chunk, *record)


def _events(part, plan, limits):
    """`("cells", line, cells)`, `("aside", line, rule, value)`, and one `("facts", line, facts)` or `("refusal", line,
    reason)` at the end. A refusal is an event, too: a task that failed would be tried again."""
    facts = {}
    try:
        for event in read_part(part, plan.data, plan.names, limits):
            if event[0] == "facts":
                _, facts["format"], facts["rows"], facts["ignored"] = event
            elif event[0] == "sha256":
                facts["sha256"] = event[1]
            else:
                yield event
        yield "facts", END, facts
    except Rejection as rejection:
        yield "refusal", END, str(rejection)


def _batched(events):
    """`(chunk, events)`: few enough for one message, and in chunks that fit a task's memory however long their rows are."""
    chunk = lines = characters = 0
    batch, length = [], 0
    for event in events:
        batch.append(event)
        if event[0] == "cells":
            length += sum(map(len, event[2]))
        if len(batch) < _BATCH_LINES and length < _BATCH_CHARACTERS:
            continue
        yield chunk, batch
        lines, characters = lines + len(batch), characters + length
        if lines >= _CHUNK_LINES or characters >= _CHUNK_CHARACTERS:
            chunk, lines, characters = chunk + 1, 0, 0
        batch, length = [], 0
    if batch:
        yield chunk, batch


def _packed(header, events):
    try:
        return marshal.dumps((header, False, events))
    except ValueError:
        # A nested value is nothing that these bytes can hold: it goes as a tuple.
        return marshal.dumps((header, True, [_with_cells(event, _plain) for event in events]))


def _unpacked(batch):
    header, has_nested, events = marshal.loads(batch)
    return header, [_with_cells(event, _whole) for event in events] if has_nested else events


def _with_cells(event, change):
    kind, line, *told = event
    return (kind, line, [change(cell) for cell in told[0]]) if kind == "cells" else event


def _plain(cell):
    return (cell.text,) if isinstance(cell, Nested) else cell


def _whole(cell):
    return Nested(*cell) if isinstance(cell, tuple) else cell


def _records(place, plan, events):
    cleaning = Cleaning(plan)
    texts_at = [column.at for column in plan.columns if column.is_text]
    last = isinstance(plan.duplicates, dict)
    for event in events:
        kind, line = event[0], event[1]
        if kind == "cells":
            cells = event[2]
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
            _, _, rule, value = event
            yield _alone(place, line, ASIDE, (rule, None, value, False))
        else:
            yield _alone(place, line, FACTS if kind == "facts" else REFUSAL, event[2])


def _own_key(place, line):
    return struct.pack("<iq", place, line)


def _alone(place, line, kind, told):
    """A record that equals no other."""
    key = b"-" + _own_key(place, line)
    return place, line, kind, key, None, place, line, marshal.dumps(told)
