"""Where the declared columns stand in a file."""
from ..text import trim
from .rejection import Rejection

_SHOWN = 12


class Header:
    """`positions[i]` is where the i-th wanted column stands among `width` cells."""

    def __init__(self, cells, wanted):
        names = [trim(cell) for cell in cells]
        asked = set(wanted)
        places = {}
        for at, name in enumerate(names):
            if name in asked and name in places:
                raise Rejection(f'the header has the column "{_short(name)}" twice; rename one of them')
            places[name] = at
        missing = [name for name in wanted if name not in places]
        if missing:
            noun = "column" if len(missing) == 1 else "columns"
            raise Rejection(
                f"the header lacks the {noun} {_listed(missing)}; it has {_listed(names)}; "
                "give the file these columns, or declare those that it has"
            )
        self.width = len(names)
        self.positions = [places[name] for name in wanted]
        self.ignored = [name for name in places if name and name not in asked]


def _short(name):
    return f"{name[:59]}…" if len(name) > 60 else name


def _listed(names):
    shown = ", ".join(_short(name) for name in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
