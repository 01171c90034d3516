"""Which rows are the same, and on which side a row falls by what it says."""
import hashlib
import struct

from .numbers import band_text
from .text import utf16_length

TRAIN, VALIDATION, TEST = 0, 1, 2
SIDES = ("train", "validation", "test")
_PLACES = 2.0**52


def key_of(plan, row):
    """Equal for rows that are the same thing, by the specification's `duplicates`; None where all rows are kept."""
    if plan.duplicates == "keep":
        return None
    columns = plan.columns if plan.duplicates == "drop" else [plan.by_name[name] for name in plan.duplicates["key"]]
    return key_bytes(columns, row.values, row.texts)


def key_bytes(columns, values, texts):
    """Equal for equal values of these columns; 32 bytes."""
    digest = hashlib.sha256()
    for column in columns:
        digest.update(_bytes_of(column, values, texts))
    return digest.digest()


def _bytes_of(column, values, texts):
    if column.is_text:
        text = texts[column.at]
        if text is None:
            return b"-"
        encoded = text.encode("utf-8")
        return b"t" + struct.pack("<q", len(encoded)) + encoded
    value = values[column.at]
    return b"-" if value != value else b"n" + struct.pack("<d", value)


def newest_of(plan, row):
    """What says how new a row is; None where nothing does."""
    newest = plan.duplicates.get("newest") if isinstance(plan.duplicates, dict) else None
    if newest is None:
        return None
    value = row.values[plan.by_name[newest].at]
    return None if value != value else value


def side_of(plan, row):
    """By hash: the same row falls on the same side in every version of a dataset."""
    joined = "".join(_counted(_text_of(column, row)) for column in plan.split_by)
    place = int(hashlib.md5(joined.encode("utf-8")).hexdigest()[:13], 16) / _PLACES
    if place < plan.test:
        return TEST
    return VALIDATION if place < plan.test + plan.validation else TRAIN


def _counted(text):
    return f"{utf16_length(text)}:{text}"


def _text_of(column, row):
    if column.is_text:
        return row.texts[column.at] or ""
    value = row.values[column.at]
    return "" if value != value else band_text(value)
