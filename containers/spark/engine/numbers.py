"""Numbers as cells write them and as the outputs do."""
import math
import re

LARGEST = 3.4028234663852886e38
"""The largest number of single precision: models read their input so."""
MAX_SAFE_INTEGER = 9007199254740991
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")


def number_of(text):
    """The double that a trimmed cell holds in decimal notation; NaN for any other form, an infinity for what no double
    can hold."""
    return float(text) if _NUMBER.match(text) else math.nan


def number_text(value):
    """A finite double in its shortest decimal form, written as JavaScript writes it; an infinity as one that reads back
    to it."""
    if value == 0:
        return "0"
    if math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    text = repr(value)
    if "e" not in text:
        return text[:-2] if text.endswith(".0") else text
    mantissa, _, exponent = text.partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    return sign + _placed(whole + fraction, len(whole) + int(exponent))


def _placed(digits, point):
    """`digits` with the decimal point behind so many of them, or with an exponent."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    exponent = point - 1
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{fraction}e{'+' if exponent > 0 else '-'}{abs(exponent)}"


def band_text(x):
    """The text of a number that decides its row's side: equal values give equal text in every engine."""
    size = abs(x)
    if size < 2.0**10:
        return f"a{math.floor(x * 2.0**52)}"
    if size < 2.0**31:
        return f"b{math.floor(x * 2.0**31)}"
    if size < 2.0**62:
        return f"c{math.floor(x)}"
    return f"d{math.floor(x * 2.0**-66)}"
