"""What a block adds to the files of its dataset, and to what `result.json` tells of it."""
import json
import math

import numpy as np

from .blocks import SEPARATOR
from .cleaning import CHANGES
from .correlation import Comoments
from .identity import SIDES, TEST, TRAIN, VALIDATION
from .numbers import number_text
from .shares import count_checks

BINS = 10
MOST_CORRELATED = 60
_WHOLE = 1e15


class Known:
    """What must be known of a dataset before its blocks are rendered: `scales` by feature; by `(kind, at)` the
    `histograms`' bounds and the `edges` of the reference; the places of the `correlated` columns."""

    def __init__(self, scales, histograms, edges, correlated):
        self.scales = scales
        self.histograms = histograms
        self.edges = edges
        self.correlated = correlated


def put_aside(worked, keys):
    """Lines of the quarantine in the order of rows, and what is counted of them."""
    block = worked.block
    told = [(part, line, problem) for part, line, *problem in block.asides]
    told += [(int(block.part[row]), int(block.line[row]), problem) for row, problem in worked.problems.items()]
    told.sort(key=lambda each: each[:2])
    lines = []
    rules = {}
    parts = {}
    for part, line, (rule, column, value, dropped) in told:
        entry = {"file": keys[part], "line": line, "column": column, "rule": rule, "value": value}
        if dropped:
            entry["dropped"] = True
        lines.append(json.dumps(entry, ensure_ascii=False, separators=(",", ":")))
        known = rules.setdefault((rule, column), [0, (part, line), value])
        known[0] += 1
        counts = parts.setdefault(part, {"quarantined": 0, "dropped": 0, "duplicates": 0})
        counts["duplicates" if rule == "duplicate" else "dropped" if dropped else "quarantined"] += 1
    text = "".join(f"{line}\n" for line in lines)
    return text.encode("utf-8"), {"rules": rules, "parts": parts}


def render(worked, known):
    """`(file, bytes)` for the rows that are alive; Parquet as an Arrow stream."""
    plan = worked.plan
    features = worked.features(known.scales)
    target = worked.values[:, plan.target.at]
    for side, name in enumerate(SIDES):
        rows = np.flatnonzero(worked.alive & (worked.side == side))
        if len(rows) == 0:
            continue
        matrix, labels = features[rows], target[rows]
        if side == TEST:
            yield "test/features.csv", _lines(matrix)
            yield "test/labels.csv", _lines(labels.reshape(-1, 1))
            yield "test/records.csv", _records(worked, rows)
        else:
            yield f"{name}/data.csv", _lines(np.column_stack([labels, matrix]))
        yield f"parquet/{name}.parquet", _arrow(worked, rows)


def _lines(matrix):
    lines = [",".join([_cell(value) for value in row]) for row in matrix.tolist()]
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _cell(value):
    if value != value:
        return ""
    if -_WHOLE < value < _WHOLE and value == math.floor(value):
        return str(int(value))
    return number_text(value)


def _records(worked, rows):
    places = [column.at for column in worked.plan.inputs]
    lines = []
    for row in rows:
        cells = worked.block.cells[row].split(SEPARATOR)
        lines.append(",".join([_quoted(cells[place]) for place in places]))
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def _quoted(cell):
    if any(special in cell for special in ',"\n\r'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def arrow_schema(plan):
    import pyarrow

    kinds = {
        "text": pyarrow.string(),
        "number": pyarrow.float64(),
        "integer": pyarrow.int64(),
        "date": pyarrow.timestamp("ms"),
    }
    declared = [(column.name, kinds[column.kind]) for column in plan.columns]
    return pyarrow.schema(declared + [(derived.name, pyarrow.float64()) for derived in plan.derived])


def _arrow(worked, rows):
    import pyarrow

    schema = arrow_schema(worked.plan)
    arrays = []
    for at, field in enumerate(schema):
        if at in worked.texts:
            texts = worked.texts[at]
            arrays.append(pyarrow.array([texts[row] for row in rows], field.type))
            continue
        values = worked.values[rows, at]
        missing = np.isnan(values)
        if pyarrow.types.is_floating(field.type):
            arrays.append(pyarrow.array(values, field.type, mask=missing))
        else:
            whole = np.where(missing, 0, values).astype(np.int64)
            arrays.append(pyarrow.array(whole, pyarrow.int64(), mask=missing).cast(field.type))
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pyarrow.record_batch(arrays, schema=schema))
    return sink.getvalue().to_pybytes()


def count(worked, known):
    """Counts and sums over the block's rows that are alive at the end; they add up over blocks."""
    plan = worked.plan
    alive = worked.alive
    sides = [int((alive & (worked.side == side)).sum()) for side in (TRAIN, VALIDATION, TEST)]
    living = worked.events[alive]
    return {
        "sides": np.array(sides),
        "changes": {name: (living & bit != 0).sum(axis=0) for name, bit in CHANGES.items()},
        "histograms": {
            at: _histogram(_present(worked.values[worked.train, at]), *bounds)
            for at, bounds in known.histograms.items()
        },
        "reference": {at: _between(worked, at, edges) for at, edges in known.edges.items()},
        "classes": _classes(worked) if plan.counts_classes else {},
        "checks": count_checks(worked),
        "correlations": Comoments.of(worked.values[worked.train][:, known.correlated]),
    }


def _present(values):
    return values[~np.isnan(values)]


def _histogram(values, minimum, maximum):
    extent = maximum - minimum
    share = np.zeros(len(values)) if extent == 0 else (values - minimum) / extent
    bins = np.minimum(BINS - 1, np.floor(share * BINS)).astype(np.int64)
    return np.bincount(bins, minlength=BINS)


def _between(worked, at, edges):
    """Values up to each edge and above the one before, those above all, and the missing ones."""
    values = worked.block.values[worked.train, at]
    present = _present(values)
    places = np.searchsorted(np.array(edges, dtype=np.float64), present, side="left")
    counts = np.bincount(places, minlength=len(edges) + 1)
    return np.concatenate([counts, [len(values) - len(present)]])


def _classes(worked):
    values = worked.values[:, worked.plan.target.at]
    counts = {}
    for side in range(len(SIDES)):
        found, times = np.unique(values[worked.alive & (worked.side == side)], return_counts=True)
        for value, number in zip(found.tolist(), times.tolist()):
            counts.setdefault(value, np.zeros(len(SIDES), dtype=np.int64))[side] = number
    return counts


def near_rows(worked, scales):
    """A text for the features of each living row, each rounded to 3 significant digits, and whether it is a train row."""
    from decimal import ROUND_HALF_UP, Context

    three = Context(prec=3, rounding=ROUND_HALF_UP)
    features = worked.features(scales)
    for row in np.flatnonzero(worked.alive):
        values = features[row].tolist()
        rounded = ["" if value != value else repr(float(three.create_decimal_from_float(value))) for value in values]
        yield ",".join(rounded), bool(worked.side[row] == TRAIN)
