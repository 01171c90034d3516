"""One part of a dataset, from its bytes to the declared columns' cells."""
from .delimited import DELIMITERS, read_delimited
from .json_lines import read_json_lines
from .parquet import read_parquet
from .rejection import Rejection
from .source import Lying, begun, open_part, too_large, unpacked
from .text_guard import decoded


def read_part(part, data, columns, limits):
    """Events of a part (see read_delimited), at the end `("sha256", digest)`. Raises Rejection, its message beginning
    with the part's key."""
    try:
        if (part.get("size") or 0) > limits.part_bytes:
            too_large(limits)
        with open_part(part) as stream:
            lying = Lying(stream, limits)
            yield from _content(lying, part, data, columns, limits)
            for _ in lying:
                """What stands behind the content still belongs to the file."""
            yield "sha256", lying.sha256
    except Rejection as rejection:
        raise Rejection(f"{part['key']}: {rejection}") from None


def _content(lying, part, data, columns, limits):
    size = part.get("size") or 0
    first, chunks = begun(unpacked(lying, size, limits))
    if not first:
        raise Rejection("the file is empty; drop one that has rows")
    form = data.get("format", "auto")
    is_parquet = first.startswith(b"PAR1")
    if is_parquet and form in ("auto", "parquet"):
        return read_parquet(chunks, size, columns, limits)
    if form == "parquet":
        raise Rejection('this is no Parquet file; drop one, or declare another "format"')
    texts = decoded(chunks)
    if form == "jsonl" or (form == "auto" and _begins_with_brace(first)):
        return read_json_lines(texts, columns, limits)
    declared = data.get("delimiter")
    delimiters = [declared] if declared else ["\t"] if form == "tsv" else list(DELIMITERS)
    return read_delimited(texts, delimiters, columns, limits)


def _begins_with_brace(first):
    return first[3:].startswith(b"{") if first.startswith(b"\xef\xbb\xbf") else first.startswith(b"{")
