"""What refuses a whole dataset, and the bounds that hold while data streams in."""


class Rejection(Exception):
    """The message is the reason that the dataset's owner reads."""


class Limits:
    def __init__(self, given=None):
        given = given or {}
        self.part_bytes = given.get("partBytes", 2 * 1024**3)
        self.unpacked_bytes = given.get("unpackedBytes", 4 * 1024**3)
        self.expansion = given.get("expansion", 200)
        self.free_bytes = given.get("freeBytes", 64 * 1024**2)
        self.columns = given.get("columns", 10_000)
        self.cell_bytes = given.get("cellBytes", 32 * 1024)
        self.row_bytes = given.get("rowBytes", 8 * 1024**2)
        self.rows = given.get("rows", 10_000_000_000)


def byte_length(text):
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def too_large_cell(line, limits):
    return Rejection(
        f"line {line} has a cell of more than {limits.cell_bytes:,} bytes; shorten it, or look for a quote that does not close"
    )


def too_large_row(line, limits):
    return Rejection(
        f"line {line} has a row of more than {limits.row_bytes:,} bytes; shorten it, or look for a line end that is missing"
    )


def too_many_cells(line, limits):
    return Rejection(f"line {line} has more than {limits.columns:,} cells; leave columns out")
