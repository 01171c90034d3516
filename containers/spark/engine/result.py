"""`result.json` and `fitted.json`: what the engine says of a dataset that it prepared (shared/preparation/result.ts)."""
import numpy as np

from .cleaning import CHANGES
from .identity import SIDES
from .render import BINS
from .shares import shares

QUANTILES = 64
TOP_VALUES = 50


def quantile_ranks(present):
    return [-(-place * present // QUANTILES) - 1 for place in range(1, QUANTILES)] if present else []


def add_up(counts):
    """Counts and sums of blocks, added up in their order."""
    total = None
    for count in counts:
        total = count if total is None else _added(total, count)
    return total


def _added(left, right):
    if isinstance(left, dict):
        keys = [*left, *(key for key in right if key not in left)]
        return {key: _either(left, right, key) for key in keys}
    return left + right


def _either(left, right, key):
    if key in left and key in right:
        return _added(left[key], right[key])
    return left[key] if key in left else right[key]


class Aside:
    """What was put aside, added up over blocks in their order."""

    def __init__(self):
        self._rules = {}
        self._parts = {}

    def add(self, counted):
        for key, (rows, first, example) in counted["rules"].items():
            known = self._rules.setdefault(key, [0, first, example])
            known[0] += rows
        for part, counts in counted["parts"].items():
            known = self._parts.setdefault(part, {"quarantined": 0, "dropped": 0, "duplicates": 0})
            for name, number in counts.items():
                known[name] += number

    def rules(self):
        ordered = sorted(self._rules.items(), key=lambda item: (-item[1][0], item[1][1]))
        return [
            {"rule": rule, "column": column, "rows": rows, "example": example}
            for (rule, column), (rows, _, example) in ordered
        ]

    def of_part(self, part):
        return self._parts.get(part, {"quarantined": 0, "dropped": 0, "duplicates": 0})


def rejected(reason, aside):
    return {"formatVersion": 1, "kind": "rejected", "engine": "spark", "reason": reason, "rules": aside.rules()}


def prepared(job, aside, total):
    """`job` knows the dataset's plan, parts, facts and distributions; `total` is what `count` says, added up."""
    parts = [_part(job, aside, place) for place in range(len(job.parts))]
    fresh = [part for part, given in zip(parts, job.parts) if given.get("fresh", True)]

    def over(name, of=parts):
        return sum(part[name] for part in of)

    told = {
        "formatVersion": 1,
        "kind": "prepared",
        "engine": "spark",
        "parts": parts,
        "rows": _by_side(total["sides"]),
        "quarantined": over("quarantined"),
        "dropped": over("dropped"),
        "duplicates": over("duplicates"),
        "fresh": {"rows": over("rows", fresh), "quarantined": over("quarantined", fresh)},
        "rules": aside.rules(),
        "features": [feature.name for feature in job.plan.features],
        "columns": [_summary(job, total, at, name) for at, name in enumerate(job.plan.values)],
        "reference": [_reference(job, total, column) for column in job.referenced],
        "changes": [_changes(total, column) for column in job.plan.columns],
        "correlations": {
            "names": [job.plan.values[at] for at in job.correlated],
            "r": total["correlations"].r(),
        },
    }
    if job.near_duplicates is not None:
        told["nearDuplicates"] = job.near_duplicates
    told["shares"] = shares(job, total)
    classes = _classes(job.plan, total["classes"])
    return told if classes is None else {**told, "classes": classes}


def _part(job, aside, place):
    part, facts = job.parts[place], job.facts[place]
    return {
        "key": part["key"],
        "versionId": part.get("versionId", ""),
        "sha256": facts["sha256"],
        "rows": facts["rows"],
        **aside.of_part(place),
        "format": facts["format"],
        "ignored": facts["ignored"],
    }


def _by_side(counts):
    return {name: int(number) for name, number in zip(SIDES, counts)}


def _summary(job, total, at, name):
    rows = int(total["sides"][0])
    if at < len(job.plan.columns) and job.plan.columns[at].is_text:
        texts = job.distributions[("text", at)]
        return {
            "kind": "text",
            "name": name,
            "present": texts.present,
            "missing": rows - texts.present,
            "distinct": texts.distinct,
            "top": [{"value": value, "count": number} for value, number in texts.top],
        }
    numbers = job.distributions[("value", at)]
    return {
        "kind": "number",
        "name": name,
        "present": numbers.present,
        "missing": rows - numbers.present,
        "integral": numbers.integral,
        "sum": numbers.sum,
        "mean": numbers.mean,
        "deviation": numbers.deviation,
        "minimum": numbers.minimum,
        "maximum": numbers.maximum,
        "distinct": numbers.distinct,
        "histogram": [int(number) for number in total["histograms"].get(at, np.zeros(BINS))],
    }


def _reference(job, total, column):
    *counts, missing = (int(number) for number in total["reference"][column.at])
    return {"name": column.name, "edges": job.edges[column.at], "counts": counts, "missing": missing}


def _changes(total, column):
    return {"name": column.name, **{kind: int(total["changes"][kind][column.at]) for kind in CHANGES}}


def _classes(plan, counts):
    if plan.target.kind == "number" or plan.target.kind == "date" or len(counts) > TOP_VALUES:
        return None
    names = plan.target.categories
    return [
        {"value": names[int(value)] if names else str(int(value)), **_by_side(counts[value])}
        for value in sorted(counts)
    ]


def fitted_json(job):
    """`fitted.json`, as the row engine reads it."""
    fitted = job.fitted
    columns = {}
    for column in job.plan.columns:
        found = {}
        if column.at in fitted.fences:
            found["low"], found["high"] = fitted.fences[column.at]
        if column.at in fitted.fills:
            found["fill"] = fitted.fills[column.at]
        if found:
            columns[column.name] = found
    told = {"formatVersion": 1}
    if job.plan.time is not None:
        told["split"] = dict(zip(("validation", "test"), fitted.split))
    return {**told, "columns": columns, "features": job.told_scales}
