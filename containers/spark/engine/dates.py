"""How dates are written, and what they are: milliseconds since 1970 in UTC."""
import math
import re
from datetime import date

import numpy as np

_MINUTE = 60_000
_DAY = 86_400_000
FIRST = -62_135_596_800_000
"""0001-01-01T00:00:00.000Z"""
LAST = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z"""

_SHAPES = {
    "YYYY-MM-DD": r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})",
    "YYYY/MM/DD": r"(?P<y>[0-9]{4})/(?P<m>[0-9]{2})/(?P<d>[0-9]{2})",
    "YYYYMMDD": r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
    "DD/MM/YYYY": r"(?P<d>[0-9]{2})/(?P<m>[0-9]{2})/(?P<y>[0-9]{4})",
    "MM/DD/YYYY": r"(?P<m>[0-9]{2})/(?P<d>[0-9]{2})/(?P<y>[0-9]{4})",
    "DD.MM.YYYY": r"(?P<d>[0-9]{2})\.(?P<m>[0-9]{2})\.(?P<y>[0-9]{4})",
    "DD-MM-YYYY": r"(?P<d>[0-9]{2})-(?P<m>[0-9]{2})-(?P<y>[0-9]{4})",
}
# `T` or one space, a time, a zone.
_TIME = (
    r"(?:[T ](?P<H>[0-9]{2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:\.(?P<f>[0-9]{1,9}))?)?"
    r"(?:Z|(?P<sign>[+-])(?P<zh>[0-9]{2}):(?P<zm>[0-9]{2}))?)?\Z"
)
_PATTERNS = {name: re.compile(shape + _TIME) for name, shape in _SHAPES.items()}
_EPOCH = re.compile(r"[+-]?[0-9]{1,19}\Z")
_ORIGIN = date(1970, 1, 1).toordinal()


def date_of(text, formats):
    """Reads a trimmed text in the first of the formats that fits; NaN when none does."""
    for name in formats:
        value = _read(text, name)
        if value == value:
            return value
    return math.nan


def _read(text, name):
    pattern = _PATTERNS.get(name)
    if pattern is None:
        if not _EPOCH.match(text):
            return math.nan
        return _within(float(text) * (1000 if name == "epoch-seconds" else 1))
    found = pattern.match(text)
    return _instant(found) if found else math.nan


def _within(value):
    return value + 0.0 if FIRST <= value <= LAST else math.nan


def _instant(found):
    try:
        day = date(int(found["y"]), int(found["m"]), int(found["d"])).toordinal() - _ORIGIN
    except ValueError:
        return math.nan
    if found["H"] is None:
        return float(day * _DAY)
    hours, minutes, seconds = int(found["H"]), int(found["M"]), int(found["S"] or 0)
    zone_hours, zone_minutes = int(found["zh"] or 0), int(found["zm"] or 0)
    if max(hours, zone_hours) > 23 or max(minutes, seconds, zone_minutes) > 59:
        return math.nan
    milliseconds = int((found["f"] or "")[:3].ljust(3, "0"))
    east = (zone_hours * 60 + zone_minutes) * _MINUTE * (-1 if found["sign"] == "-" else 1)
    return _within(float(day * _DAY + (hours * 60 + minutes) * _MINUTE + seconds * 1000 + milliseconds - east))


def part_of(instants, part):
    """A part of instants (an array of milliseconds) in UTC; weekday 1 is Monday, day-of-year begins with 1. NaN stays
    NaN."""
    present = ~np.isnan(instants)
    out = np.full(len(instants), np.nan)
    moments = instants[present].astype(np.int64)
    days = np.floor_divide(moments, _DAY)
    if part == "hour":
        found = (moments - days * _DAY) // 3_600_000
    elif part == "minute":
        found = (moments - days * _DAY) // _MINUTE % 60
    elif part == "weekday":
        # 1970-01-01 was a Thursday.
        found = (days + 3) % 7 + 1
    else:
        found = _calendar_part(days, part)
    out[present] = found
    return out


def _calendar_part(days, part):
    calendar = days.astype("datetime64[D]")
    years = calendar.astype("datetime64[Y]")
    months = calendar.astype("datetime64[M]")
    if part == "year":
        return years.astype(np.int64) + 1970
    if part == "month":
        return (months - years).astype(np.int64) + 1
    if part == "day":
        return (calendar - months).astype(np.int64) + 1
    return (calendar - years).astype(np.int64) + 1
