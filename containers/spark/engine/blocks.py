"""Rows of one dataset in their order, by columns: what every step behind *clean* works on."""
import marshal

import numpy as np

ROWS = 8192
BYTES = 32 * 1024**2
"""Of packed rows in one block, where they are that wide."""
SEPARATOR = "\x1f"
"""Between the cells of a kept row, none of which can hold it."""

# What a record of the first stage is.
ROW, ASIDE, FACTS, REFUSAL = 0, 1, 2, 3
END = 2**62
"""The line of a part's facts and refusal: behind all of its rows."""


def packed_row(row, side, cells, texts_at):
    """A clean row as bytes, for its way through a shuffle. `texts_at` are the places of text columns."""
    texts = [row.texts[at] for at in texts_at]
    return marshal.dumps((row.values, texts, bytes(row.events), side, SEPARATOR.join(cells)))


class Block:
    """`values` is a matrix of rows by columns, NaN where a value is missing (and for a text without a canonical name);
    `texts` holds a list for each text column, None where missing; `first` tells rows that are no duplicates; `asides` are
    `(part, line, rule, column, value, dropped)` in order; `facts` and `refusals` by part."""

    def __init__(self, dataset, plan):
        self.dataset = dataset
        self._width = len(plan.columns)
        self._texts_at = [column.at for column in plan.columns if column.is_text]
        self.part, self.line, self.first, self.side = [], [], [], []
        self.values, self.events, self.cells = [], [], []
        self.texts = {at: [] for at in self._texts_at}
        self._bytes = 0
        self.asides, self.facts, self.refusals = [], [], []

    @property
    def rows(self):
        return len(self.part)

    @property
    def is_full(self):
        return self.rows + len(self.asides) >= ROWS or self._bytes >= BYTES

    def add(self, part, line, kind, first, payload):
        told = marshal.loads(payload)
        self._bytes += len(payload)
        if kind == ROW:
            values, texts, events, side, cells = told
            self.part.append(part)
            self.line.append(line)
            self.first.append(first)
            self.values.append(values)
            self.events.append(events)
            self.side.append(side)
            self.cells.append(cells)
            for at, text in zip(self._texts_at, texts):
                self.texts[at].append(text)
        elif kind == ASIDE:
            self.asides.append((part, line, *told))
        elif kind == FACTS:
            self.facts.append((part, told))
        else:
            self.refusals.append((part, told))

    def sealed(self):
        """With arrays in place of lists."""
        shape = (self.rows, self._width)
        self.part = np.array(self.part, dtype=np.int32)
        self.line = np.array(self.line, dtype=np.int64)
        self.first = np.array(self.first, dtype=bool)
        self.side = np.array(self.side, dtype=np.int8)
        self.values = np.array(self.values, dtype=np.float64).reshape(shape)
        self.events = np.frombuffer(b"".join(self.events), dtype=np.uint8).reshape(shape)
        return self


def blocks_of(records, plan_of_dataset):
    """Blocks of sorted records `(dataset, bundle, chunk, part, line, kind, first, payload)`. No block has two chunks, so
    that blocks never depend on where the rows were parted."""
    block = None
    within = None
    for dataset, bundle, chunk, part, line, kind, first, payload in records:
        if block is not None and (within != (dataset, bundle, chunk) or block.is_full):
            yield block.sealed()
            block = None
        if block is None:
            block = Block(dataset, plan_of_dataset(dataset))
            within = (dataset, bundle, chunk)
        block.add(part, line, kind, first, bytes(payload))
    if block is not None:
        yield block.sealed()
