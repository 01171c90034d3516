"""The steps behind *clean* and *duplicates* on one block, as far as what they need has been fitted: split by time,
outliers, fills, derive, features."""
import hashlib

import numpy as np

from .blocks import SEPARATOR
from .cleaning import CLIPPED, FILLED, MISSING, NULLED, category_of
from .dates import part_of
from .identity import TEST, TRAIN, VALIDATION
from .numbers import LARGEST
from .text import clip


class Fitted:
    """What was fitted on a dataset's training rows so far; None where it is not yet. `split` is `(validation, test)`,
    `fences` by column `(low, high)`, `fills` by column, `scales` by feature's name. Columns go by their places."""

    def __init__(self):
        self.split = None
        self.fences = None
        self.fills = None
        self.scales = None


class Worked:
    """A block in the middle of the steps. `values` holds the derived columns behind the declared ones; `problems` tells of
    rows that were put aside: `(rule, column, value, dropped)` by row."""

    def __init__(self, block, plan, fitted):
        self.block = block
        self.plan = plan
        self.alive = block.first.copy()
        self.problems = {
            int(at): ("duplicate", None, "", False) for at in np.flatnonzero(~block.first)
        }
        derived = np.full((block.rows, len(plan.derived)), np.nan)
        self.values = np.concatenate([block.values, derived], axis=1)
        self.texts = dict(block.texts)
        self.events = block.events.copy()
        self.side = block.side
        if plan.time is not None and fitted.split is not None:
            self.side = _by_time(block.values[:, plan.time.at], *fitted.split)
        if fitted.fences is not None:
            self._apply_fences(fitted.fences)
        if fitted.fills is not None:
            self._fill(fitted.fills)
            self._derive()

    @property
    def train(self):
        return self.alive & (self.side == TRAIN)

    def cell(self, row, column):
        """The cell as it stood."""
        return self.block.cells[row].split(SEPARATOR)[column.at]

    def _put_aside(self, rows, rule, column, told, dropped=False):
        for row in np.flatnonzero(rows):
            self.problems[int(row)] = (rule, column.name, told(row), dropped)
        self.alive &= ~rows

    def _apply_fences(self, fences):
        """A missing value lies nowhere; the first column in order that puts a row aside names it."""
        for column in self.plan.columns:
            if column.at not in fences:
                continue
            low, high = fences[column.at]
            values = self.values[:, column.at]
            below, above = self.alive & (values < low), self.alive & (values > high)
            self._outliers(column, below, above, low, high)

    def _outliers(self, column, below, above, low, high):
        then = column.outliers.get("then") or ("null" if "then" in column.outliers else "quarantine")
        outside = below | above
        if not outside.any():
            return
        if then == "quarantine":
            self._put_aside(outside, "outlier", column, lambda row: clip(self.cell(row, column)))
        elif then == "clip":
            self.values[below, column.at] = low
            self.values[above & ~below, column.at] = high
            self.events[outside, column.at] |= CLIPPED
        else:
            self.events[outside, column.at] |= NULLED
            self._leave_out(column, outside)

    def _leave_out(self, column, rows):
        if column.missing in ("quarantine", "drop"):
            dropped = column.missing == "drop"
            self._put_aside(rows, "missing", column, lambda row: clip(self.cell(row, column)), dropped)
            return
        constant = column.missing == "constant"
        self.values[rows, column.at] = column.constant if constant else np.nan
        self.events[rows, column.at] |= MISSING | FILLED if constant else MISSING

    def _fill(self, fills):
        for at, fill in fills.items():
            column = self.plan.columns[at]
            if column.is_text:
                texts = self.texts[at]
                missing = np.array([text is None for text in texts], dtype=bool)
                self.texts[at] = [fill if text is None else text for text in texts]
                self.values[missing, at] = category_of(column, fill)
            else:
                missing = np.isnan(self.values[:, at])
                self.values[missing, at] = fill
            self.events[missing, at] |= FILLED

    def _derive(self):
        for derived in self.plan.derived:
            columns = [self.values[:, at] for at in range(derived.at)]
            result = derived.formula(columns, len(self.alive)) + 0.0
            incomplete = np.zeros(len(self.alive), dtype=bool)
            for place in derived.formula.inputs:
                incomplete |= np.isnan(columns[place])
            result[incomplete] = np.nan
            wrong = self.alive & ~incomplete & ~(np.abs(result) <= LARGEST)
            if wrong.any():
                self._put_aside(wrong, "not-finite", derived, lambda row: "")
            self.values[:, derived.at] = result

    def features(self, scales):
        """The matrix of features of all rows; those that are put aside have some, too."""
        columns = [self._feature(feature, scales) for feature in self.plan.features]
        return np.column_stack(columns) if columns else np.empty((len(self.alive), 0))

    def _feature(self, feature, scales):
        at = feature.at
        if feature.kind == "value":
            return _shaped(feature, self.values[:, at], scales.get(feature.name))
        if feature.kind == "category":
            return (self.values[:, at] == feature.category).astype(np.float64)
        if feature.kind == "hash":
            return np.array([_in_slot(text, feature) for text in self.texts[at]], dtype=np.float64)
        if feature.kind == "part":
            return part_of(self.values[:, at], feature.part)
        return (self.events[:, at] & MISSING != 0).astype(np.float64)


def _by_time(moments, validation, test):
    side = np.full(len(moments), TRAIN, dtype=np.int8)
    if validation is not None:
        side[moments >= validation] = VALIDATION
    if test is not None:
        side[moments >= test] = TEST
    return side


def _shaped(feature, values, scale):
    """A number as it is, in its bucket, or on its scale; a missing one stays missing in each."""
    if feature.bucket:
        found = np.searchsorted(np.array(feature.bucket, dtype=np.float64), values, side="right").astype(np.float64)
        found[np.isnan(values)] = np.nan
        return found
    if feature.scale is None:
        return values
    if feature.scale == "log":
        return np.sign(values) * np.log(1 + np.abs(values)) + 0.0
    origin, unit = scale
    if unit == 0:
        return np.where(np.isnan(values), np.nan, 0.0)
    return (values - origin) / unit + 0.0


def _in_slot(text, feature):
    if text is None:
        return 0.0
    return 1.0 if int(hashlib.md5(text.encode("utf-8")).hexdigest()[:8], 16) % feature.slots == feature.slot else 0.0
