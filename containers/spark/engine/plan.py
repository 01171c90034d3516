"""What a specification asks of every row, worked out once."""
import json
import re
from functools import lru_cache

from .dates import date_of
from .formula import Formula
from .numbers import LARGEST, MAX_SAFE_INTEGER, number_text
from .text import canonical_form, fold, trim

_FAMILY = re.compile(r"(.*)\{([0-9]{1,5})\.\.([0-9]{1,5})\}(.*)\Z", re.S)
_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,9})\Z")
_FITTED = ("mean", "median", "mode")
_WRITTEN = ("YYYY-MM-DD",)
"""How specifications write dates."""


def column_names(pattern):
    """`p{0..783}` names 784 columns; a plain name stands for itself."""
    found = _FAMILY.match(pattern)
    if not found:
        return [pattern]
    before, first, last, behind = found.groups()
    return [f"{before}{number}{behind}" for number in range(int(first), int(last) + 1)]


def _in_order(names):
    """Names that are whole numbers first, ascending: so JavaScript reads a JSON object."""
    indices = [name for name in names if _INDEX.match(name) and int(name) < 2**32 - 1]
    return sorted(indices, key=int) + [name for name in names if name not in set(indices)]


class Column:
    """A declared column. `missing` is `quarantine`, `drop`, `stay`, or `constant` with its value in `constant`;
    `fill` is how a value that stays missing is filled later, or None. `blanks` are the texts that mean "no value"."""

    def __init__(self, name, at, spec, blanks):
        self.name = name
        self.at = at
        self.kind = spec["type"]
        self.is_text = self.kind == "text"
        self.blanks = frozenset(spec.get("blanks", blanks))
        self.formats = spec.get("formats") or ["YYYY-MM-DD"]
        self.largest = LARGEST if self.kind == "number" else float(MAX_SAFE_INTEGER)
        self.minimum = self._bound(spec.get("earliest"), spec.get("minimum"), float("-inf"))
        self.maximum = self._bound(spec.get("latest"), spec.get("maximum"), float("inf"))
        self.outside = spec.get("outside") or ("null" if "outside" in spec else "quarantine")
        canonical = spec.get("canonical") or {}
        self.categories = _in_order(list(canonical))
        self.spellings = {
            fold(spelling): place
            for place, category in enumerate(self.categories)
            for spelling in [category, *canonical[category]]
        }
        self.unknown = (spec.get("unknown") or ("null" if "unknown" in spec else "keep")) if canonical else "keep"
        self.outliers = spec.get("outliers")
        self.indicator = bool(spec.get("indicator"))
        self.encode = spec.get("encode")
        self.parts = spec.get("parts") or []
        self.bucket = spec.get("bucket")
        self.scale = spec.get("scale")
        self._rule(spec.get("missing", "quarantine"))

    def _bound(self, written, number, otherwise):
        if self.kind == "date":
            return otherwise if written is None else date_of(trim(written), _WRITTEN)
        return otherwise if number is None else float(number) + 0.0

    def _rule(self, missing):
        self.fill = missing if missing in _FITTED else None
        self.constant = None
        if isinstance(missing, dict):
            self.missing = "constant"
            self.constant = self._constant(missing["constant"])
        else:
            self.missing = missing if missing in ("quarantine", "drop") else "stay"

    def _constant(self, written):
        if self.kind == "date":
            return date_of(trim(str(written)), _WRITTEN)
        if not self.is_text:
            return float(written) + 0.0
        text = written if isinstance(written, str) else number_text(float(written))
        place = self.spellings.get(fold(text))
        return canonical_form(trim(text)) if place is None else self.categories[place]


class Feature:
    """One number that the model sees. `at` counts the declared columns, then the formulas."""

    def __init__(self, kind, name, at, **more):
        self.kind = kind
        self.name = name
        self.at = at
        self.bucket = more.get("bucket")
        self.scale = more.get("scale")
        self.category = more.get("category")
        self.slot = more.get("slot")
        self.slots = more.get("slots")
        self.part = more.get("part")


def _features_of(column):
    name, at = column.name, column.at
    if column.is_text:
        own = _encoded(column)
    elif column.kind == "date":
        own = [Feature("part", f"{name}.{part}", at, part=part) for part in column.parts]
    else:
        own = [Feature("value", name, at, bucket=column.bucket, scale=column.scale)]
    return own + ([Feature("indicator", f"{name}.missing", at)] if column.indicator else [])


def _encoded(column):
    name, at, encode = column.name, column.at, column.encode
    if encode is None:
        return []
    if encode == "ordinal":
        return [Feature("value", name, at)]
    if encode == "one-hot":
        named = enumerate(column.categories)
        return [Feature("category", f"{name}={value}", at, category=place) for place, value in named]
    slots = encode["hash"]
    return [Feature("hash", f"{name}#{slot}", at, slot=slot, slots=slots) for slot in range(slots)]


class Derived:
    def __init__(self, name, formula, at):
        self.name = name
        self.formula = formula
        self.at = at


class Plan:
    """A specification's `data`, compiled."""

    def __init__(self, data):
        self.data = data
        unfolded = [(name, spec) for spec in data["columns"] for name in column_names(spec["name"])]
        blanks = data.get("blanks", ())
        self.columns = [Column(name, at, spec, blanks) for at, (name, spec) in enumerate(unfolded)]
        self.names = [column.name for column in self.columns]
        self.by_name = {column.name: column for column in self.columns}
        self.target = self.by_name[data["target"]]
        self.inputs = [column for column in self.columns if column is not self.target]
        self.derived = []
        known = list(self.names)
        for spec in data.get("derive") or []:
            self.derived.append(Derived(spec["name"], Formula(spec["formula"], known), len(known)))
            known.append(spec["name"])
        self.values = known
        """Names of the declared columns, then of the derived ones."""
        self.features = self._features(data)
        self.duplicates = data.get("duplicates", "drop")
        split = data.get("split") or {}
        self.test = split.get("test", 0.15)
        self.validation = split.get("validation", 0.1)
        self.time = self.by_name[split["column"]] if split.get("by") == "time" else None
        self.split_by = [self.by_name[name] for name in split["key"]] if split.get("key") else self.inputs
        checks = (data.get("quality") or {}).get("checks") or []
        asked = {check["check"] for check in checks}
        self.asks_near_duplicates = "near-duplicates" in asked
        self.counts_classes = self.target.kind in ("text", "integer") or "label-balance" in asked

    def _features(self, data):
        own = {column.name: _features_of(column) for column in self.columns}
        for derived, spec in zip(self.derived, data.get("derive") or []):
            shape = {"bucket": spec.get("bucket"), "scale": spec.get("scale")}
            own[derived.name] = [Feature("value", derived.name, derived.at, **shape)]
        patterns = data.get("features")
        names = (
            [name for pattern in patterns for name in column_names(pattern)]
            if patterns
            else [name for name in own if name != self.target.name]
        )
        return [feature for name in names for feature in own[name]]


@lru_cache(maxsize=512)
def plan_of(text):
    """The plan of a specification's `data` in JSON; a worker compiles each one once."""
    return Plan(json.loads(text))
