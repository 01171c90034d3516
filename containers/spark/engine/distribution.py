"""How columns are distributed over all rows, exactly and the same on any number of machines: values are counted where
they lie, counts meet by the value's hash, and what each meeting place answers is merged in their order."""
import heapq
import math
from collections import Counter
from zlib import crc32

import numpy as np

SAMPLE = 4096
"""Values of a column that one meeting place tells the driver of; more of them are asked for by rank."""
TOP = 50


def count_block(worked, wants, meeting_places):
    """Counts of the wanted columns of one block: `((place, want), (values, counts))`. A want is `(kind, at)`, see
    `values_of`."""
    for want in wants:
        found = values_of(worked, want)
        if isinstance(found, list):
            yield from _count_texts(found, want, meeting_places)
            continue
        values, counts = np.unique(found, return_counts=True)
        if meeting_places == 1:
            yield (0, want), (values, counts)
            continue
        places = _places_of(values, meeting_places)
        for place in np.unique(places):
            here = places == place
            yield (int(place), want), (values[here], counts[here])


def values_of(worked, want):
    """The present values of train rows: `value` as it stands now, `before` as it was behind *clean*, `text`; `time`: of
    all rows that are alive."""
    kind, at = want
    if kind == "text":
        texts = worked.texts[at]
        return [texts[row] for row in np.flatnonzero(worked.train) if texts[row] is not None]
    rows = worked.alive if kind == "time" else worked.train
    matrix = worked.block.values if kind == "before" else worked.values
    values = matrix[rows, at]
    return values[~np.isnan(values)]


def _places_of(values, count):
    bits = (values + 0.0).view(np.uint64)
    mixed = (bits ^ (bits >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return (mixed >> np.uint64(40)) % np.uint64(count)


def _count_texts(texts, want, meeting_places):
    by_place = {}
    for text, count in Counter(texts).items():
        place = crc32(text.encode("utf-8")) % meeting_places
        by_place.setdefault(place, {})[text] = count
    for place, counts in by_place.items():
        yield (place, want), counts


def meet(arrived):
    """What is known of the values of one want that meet at one place."""
    arrived = list(arrived)
    if isinstance(arrived[0], dict):
        return _meet_texts(arrived)
    values = np.concatenate([values for values, _ in arrived])
    counts = np.concatenate([counts for _, counts in arrived])
    values, inverse = np.unique(values, return_inverse=True)
    counts = np.bincount(inverse, weights=counts, minlength=len(values)).astype(np.int64)
    return NumberPart(values, counts)


def _meet_texts(arrived):
    counts = Counter()
    for each in arrived:
        counts.update(each)
    top = heapq.nsmallest(TOP, counts.items(), key=lambda item: (-item[1], item[0]))
    return {"present": sum(counts.values()), "distinct": len(counts), "top": top}


class NumberPart:
    """Distinct values, ascending, and how often each comes; where there are many, every so many-th of them with what
    lies up to it."""

    def __init__(self, values, counts):
        self.present = int(counts.sum())
        self.distinct = len(values)
        self.integral = bool(np.all(values == np.floor(values)))
        self.sum = math.fsum(values * counts)
        self.mean = self.sum / self.present if self.present else 0.0
        distance = values - self.mean
        self.squares = math.fsum(distance * distance * counts)
        self.mode = _mode_of(values, counts)
        upto = np.cumsum(counts)
        self.complete = len(values) <= SAMPLE
        if not self.complete:
            wanted = np.linspace(0, self.present - 1, SAMPLE).astype(np.int64)
            kept = np.unique(np.concatenate([np.searchsorted(upto, wanted, side="right"), [0, len(values) - 1]]))
            values, counts, upto = values[kept], counts[kept], upto[kept]
        self.values, self.upto, self.below = values, upto, upto - counts


def _mode_of(values, counts):
    if len(values) == 0:
        return None
    at = int(np.argmax(counts))
    return int(counts[at]), float(values[at])


class Numbers:
    """The distribution of a column of numbers, its parts merged."""

    def __init__(self, parts):
        parts = [part for part in parts if part.present]
        self.parts = parts
        self._bounds = None
        self.present = sum(part.present for part in parts)
        self.distinct = sum(part.distinct for part in parts)
        self.integral = all(part.integral for part in parts)
        self.sum = math.fsum(part.sum for part in parts)
        self.mean = self.sum / self.present if self.present else 0.0
        self.minimum = min((float(part.values[0]) for part in parts), default=0.0)
        self.maximum = max((float(part.values[-1]) for part in parts), default=0.0)
        self.deviation = self._deviation()
        modes = [part.mode for part in parts]
        self.mode = min(modes, key=lambda mode: (-mode[0], mode[1]))[1] if modes else None

    def _deviation(self):
        if self.present == 0 or self.minimum == self.maximum:
            return 0.0
        between = (part.present * (part.mean - self.mean) ** 2 for part in self.parts)
        squares = math.fsum([*(part.squares for part in self.parts), *between])
        return math.sqrt(squares / self.present)

    def bracket(self, rank):
        """`(low, high)`: the value at this rank (from 0, of all values sorted) is in (low, high]; `low` is None where
        it is `high` itself."""
        if self._bounds is None:
            places = np.unique(np.concatenate([part.values for part in self.parts]))
            self._bounds = (places, *self._known_upto(places))
        places, least, most = self._bounds
        high = int(np.searchsorted(least, rank, side="right"))
        if all(part.complete for part in self.parts):
            return None, float(places[high])
        lower = int(np.searchsorted(most, rank, side="right")) - 1
        return (float(places[lower]) if lower >= 0 else -math.inf), float(places[high])

    def _known_upto(self, places):
        """For each place how many values are at most it: at least so many, and at most so many."""
        least = np.zeros(len(places), dtype=np.int64)
        most = np.zeros(len(places), dtype=np.int64)
        for part in self.parts:
            at = np.searchsorted(part.values, places, side="right")
            upto = np.concatenate([[0], part.upto])
            before_next = np.concatenate([part.below, [part.present]])
            least += upto[at]
            most += before_next[at]
        return least, most


class Texts:
    """The distribution of a column of texts, its parts merged."""

    def __init__(self, parts):
        self.present = sum(part["present"] for part in parts)
        self.distinct = sum(part["distinct"] for part in parts)
        tops = [item for part in parts for item in part["top"]]
        self.top = heapq.nsmallest(TOP, tops, key=lambda item: (-item[1], item[0]))
        self.mode = self.top[0][0] if self.top else None


def merged(want, parts):
    return Texts(parts) if want[0] == "text" else Numbers(parts)


def within(worked, brackets):
    """Of one block, for `(want, low, high)`: how many values are at most `low`, and those in (low, high]."""
    for want, low, high in brackets:
        values = values_of(worked, want)
        inside = values[(values > low) & (values <= high)]
        yield (want, low, high), (int((values <= low).sum()), np.sort(inside))


def ranked(arrived, rank):
    """The value at this rank, of what `within` answered for its bracket."""
    below = sum(count for count, _ in arrived)
    return float(np.sort(np.concatenate([values for _, values in arrived]))[rank - below])
