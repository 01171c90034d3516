"""Text as JavaScript means it: the row engine in front of a served model is the measure of the others."""
import re
import unicodedata

# What `String.prototype.trim` removes and `\s` matches; Python's own idea of white space is another.
BLANKS = (
    "\t\n\x0b\x0c\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_RUN = re.compile(f"[{BLANKS}]+")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
MOST = 200


def trim(text):
    return text.strip(BLANKS)


def canonical_form(text):
    """Unicode NFC."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold(text):
    """Case, blanks and Unicode composition folded: ` u.s.  a ` and `U.S. A` are one spelling."""
    return _RUN.sub(" ", trim(canonical_form(text))).lower()


def clip(text):
    """At most 200 code points, as the quarantine tells of a value."""
    return text[:MOST]


def utf16_length(text):
    """Length in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def well_formed(text):
    """A lone surrogate, which no UTF-8 can hold, as U+FFFD."""
    try:
        text.encode("utf-8")
        return text
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
