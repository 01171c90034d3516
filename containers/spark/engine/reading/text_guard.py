"""Lets only UTF-8 text pass. Raises Rejection at the first byte that is none."""
import codecs

from .rejection import Rejection

# Formats that are often dropped by mistake, by the bytes that they begin with.
_SIGNATURES = (
    ("gzip data", b"\x1f\x8b"),
    ("zstd data", b"\x28\xb5\x2f\xfd"),
    ("a zip archive or an Excel workbook", b"PK\x03\x04"),
    ("a Parquet file", b"PAR1"),
    ("a PDF file", b"%PDF"),
    ("UTF-16 text", b"\xff\xfe"),
    ("UTF-16 text", b"\xfe\xff"),
)


def decoded(chunks):
    """The text of chunks, without a byte order mark."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    begun = False
    for chunk in chunks:
        if not begun:
            _check_signature(chunk)
        if b"\0" in chunk:
            _refuse("it holds NUL bytes")
        text = _decode(decoder, chunk, False)
        if text and not begun:
            begun = True
            text = text[1:] if text.startswith("\ufeff") else text
        if text:
            yield text
    _decode(decoder, b"", True)


def _decode(decoder, chunk, final):
    try:
        return decoder.decode(chunk, final)
    except UnicodeDecodeError:
        _refuse("it is not valid UTF-8")


def _check_signature(chunk):
    for name, signature in _SIGNATURES:
        if chunk.startswith(signature):
            _refuse(f"it looks like {name}")


def _refuse(why):
    raise Rejection(
        f"this is a binary file ({why}); text in UTF-8 was expected; save it as CSV, TSV, JSON Lines or Parquet"
    )
