"""The first step of the contract (docs/data.md, *clean*): cells in, values or a problem out."""
import math

from .dates import date_of
from .numbers import MAX_SAFE_INTEGER, number_of
from .reading.json_lines import Nested
from .text import CONTROL, canonical_form, clip, fold

_REMEMBERED = 4096
_MISSING = object()


# What happened to a value, as bits; MISSING: it was missing when it came or was made missing.
BLANK, CANONICALISED, NULLED, CLIPPED, FILLED, MISSING = 1, 2, 4, 8, 16, 32
CHANGES = {
    "blank": BLANK,
    "canonicalised": CANONICALISED,
    "nulled": NULLED,
    "clipped": CLIPPED,
    "filled": FILLED,
}


class Row:
    """A row's values by column: a number, a date in milliseconds, the place of a canonical name, NaN where there is none;
    its texts (None where missing, and of other columns); and what happened to each (bits)."""

    def __init__(self, columns):
        self.values = [math.nan] * columns
        self.texts = [None] * columns
        self.events = bytearray(columns)


class Problem(Exception):
    """Why a row is put aside: the rule, the column's name and the cell as it stood."""

    def __init__(self, rule, column, value, dropped=False):
        super().__init__(rule)
        self.told = (rule, column, clip(value), dropped)


class Cleaning:
    def __init__(self, plan):
        self._columns = plan.columns
        self._known = [{} for _ in plan.columns]

    def read(self, cells):
        """The row, or raises Problem."""
        row = Row(len(self._columns))
        for column, cell in zip(self._columns, cells):
            if isinstance(cell, Nested):
                raise Problem("not-a-cell", column.name, cell.text)
            if cell == "" or (column.blanks and cell in column.blanks):
                row.events[column.at] |= BLANK
                self._leave_out(row, column, cell)
            elif column.is_text:
                self._text(row, column, cell)
            else:
                self._value(row, column, cell)
        return row

    def _value(self, row, column, cell):
        value = date_of(cell, column.formats) if column.kind == "date" else number_of(cell)
        readable = -column.largest <= value <= column.largest
        if not readable or (column.kind == "integer" and value != math.floor(value)):
            raise Problem(_unreadable(column, value, cell), column.name, cell)
        if column.minimum <= value <= column.maximum:
            row.values[column.at] = value + 0.0
        elif column.outside == "clip":
            row.values[column.at] = column.minimum if value < column.minimum else column.maximum
            row.events[column.at] |= CLIPPED
        elif column.outside == "null":
            row.events[column.at] |= NULLED
            self._leave_out(row, column, cell)
        else:
            raise Problem("out-of-range", column.name, cell)

    def _text(self, row, column, cell):
        if CONTROL.search(cell):
            raise Problem("control-character", column.name, cell)
        place = self._category(column, cell) if column.categories else None
        if place is not None:
            name = column.categories[place]
            row.values[column.at] = float(place)
            row.texts[column.at] = name
            if name != cell and name != canonical_form(cell):
                row.events[column.at] |= CANONICALISED
        elif column.unknown == "quarantine":
            raise Problem("unknown-value", column.name, cell)
        elif column.unknown == "null":
            row.events[column.at] |= NULLED
            self._leave_out(row, column, cell)
        else:
            row.texts[column.at] = canonical_form(cell)

    def _category(self, column, cell):
        known = self._known[column.at]
        place = known.get(cell, _MISSING)
        if place is _MISSING:
            place = column.spellings.get(fold(cell))
            if len(known) >= _REMEMBERED:
                known.clear()
            known[cell] = place
        return place

    def _leave_out(self, row, column, cell):
        """What a missing value means for its row: step 4 of *clean*."""
        if column.missing in ("quarantine", "drop"):
            raise Problem("missing", column.name, cell, column.missing == "drop")
        row.events[column.at] |= MISSING
        if column.missing == "stay":
            return
        row.events[column.at] |= FILLED
        if column.is_text:
            row.texts[column.at] = column.constant
            row.values[column.at] = category_of(column, column.constant)
        else:
            row.values[column.at] = column.constant


def category_of(column, text):
    """The place of a canonical name, NaN for any other text."""
    return float(column.categories.index(text)) if text in column.categories else math.nan


def _unreadable(column, value, cell):
    if CONTROL.search(cell):
        return "control-character"
    if column.kind == "date":
        return "not-a-date"
    if column.kind == "number":
        return "not-a-number" if math.isnan(value) else "out-of-range"
    return "out-of-range" if abs(value) > MAX_SAFE_INTEGER else "not-an-integer"
