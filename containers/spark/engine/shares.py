"""The share that each of a specification's checks looks at, over the rows alive at the end as *clean* left them."""
import numpy as np

from .cleaning import MISSING
from .dates import date_of
from .identity import key_bytes
from .text import trim


def checks_of(plan):
    return (plan.data.get("quality") or {}).get("checks") or []


def count_checks(worked):
    """`(some, all)` of each check that counts rows one by one; zeros for the others."""
    return np.array([_count(check, worked) for check in checks_of(worked.plan)], dtype=np.int64).reshape(-1, 2)


def _count(check, worked):
    if check["check"] == "completeness":
        column = worked.plan.by_name[check["column"]]
        present = worked.block.events[worked.alive, column.at] & MISSING == 0
        return int(present.sum()), len(present)
    if check["check"] == "allowed-values":
        return _count_allowed(worked, worked.plan.by_name[check["column"]], check["values"])
    return 0, 0


def _count_allowed(worked, column, allowed):
    rows = np.flatnonzero(worked.alive)
    if column.is_text:
        known = {str(value) for value in allowed}
        texts = [worked.block.texts[column.at][row] for row in rows]
        present = [text for text in texts if text is not None]
        return sum(text in known for text in present), len(present)
    values = worked.block.values[rows, column.at]
    present = values[~np.isnan(values)]
    written = [date_of(trim(str(value)), ["YYYY-MM-DD"]) if column.kind == "date" else float(value) for value in allowed]
    return int(np.isin(present, written).sum()), len(present)


def asked_unique(plan):
    """`(place, columns)` of the checks that ask how many rows differ."""
    return [
        (place, [plan.by_name[name] for name in check["columns"]])
        for place, check in enumerate(checks_of(plan))
        if check["check"] == "uniqueness"
    ]


def identities(worked):
    """`(place, identity)` of each living row, for each check that asks how many differ."""
    block = worked.block
    for place, columns in asked_unique(worked.plan):
        for row in np.flatnonzero(worked.alive):
            texts = {column.at: block.texts[column.at][row] for column in columns if column.is_text}
            yield place, key_bytes(columns, block.values[row], texts)


def shares(job, total):
    """By check, as `result.json` tells them."""
    rows = int(total["sides"].sum())
    held_out = int(total["sides"][1:].sum())
    return [_share(job, total, place, check, rows, held_out) for place, check in enumerate(checks_of(job.plan))]


def _share(job, total, place, check, rows, held_out):
    kind = check["check"]
    if kind == "schema-change":
        return None
    if kind == "near-duplicates":
        return job.near_duplicates / held_out if held_out else 0
    if kind == "label-balance":
        return _rarest(job.plan.target, total["classes"])
    some, of = (job.unique[place], rows) if kind == "uniqueness" else map(int, total["checks"][place])
    return some / of if of else 1


def _rarest(target, classes):
    """Of the classes that are declared or found."""
    counts = [int(sides.sum()) for sides in classes.values()]
    if not counts or len(counts) < len(target.categories):
        return 0
    return min(counts) / sum(counts)
