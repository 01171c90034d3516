"""Delimited text as docs/data.md reads it: RFC 4180 with any delimiter; an empty line is no row, a quote inside an
unquoted cell is a character like any other, a broken quote costs its line only."""
from ..text import BLANKS, MOST, trim
from .header import Header
from .rejection import Rejection, byte_length, too_large_cell, too_large_row, too_many_cells

DELIMITERS = (",", "\t", ";", "|")
"""Tried in this order where none is declared."""
_EXCERPT_BYTES = 1024


class Broken(Exception):
    """The record that begins with this line has a quote that is no quote."""


class Records:
    """The records of a text: `(line, cells, text)`, or `(line, None, excerpt)` for a line that is broken."""

    def __init__(self, texts, delimiter, limits):
        self._lines = _lines(texts, limits)
        self._delimiter = delimiter
        self._limits = limits
        self._waiting = []
        """Lines that were looked at as part of a record that broke, the next one last."""
        self._number = 0
        self.fault = ""

    def __iter__(self):
        while True:
            line = self._next()
            if line is None:
                return
            number = self._number
            if '"' in line and self._may_be_quoted(line):
                yield from self._quoted(line, number)
                continue
            content = _without_end(line)
            if content == "":
                continue
            cells = content.split(self._delimiter)
            self._check(number, cells, content)
            yield number, cells, content

    def _next(self):
        line = self._waiting.pop() if self._waiting else next(self._lines, None)
        if line is not None:
            self._number += 1
        return line

    def _may_be_quoted(self, line):
        return line.startswith('"') or f'{self._delimiter}"' in line

    def _quoted(self, first, number):
        taken = [first]
        try:
            cells, text = self._parse(taken, number)
        except Broken as broken:
            self.fault = str(broken)
            # The line is given up, and reading goes on at the next one.
            self._waiting.extend(reversed(taken[1:]))
            self._number = number
            yield number, None, _excerpt(first)
            return
        self._check(number, cells, text)
        yield number, cells, text

    def _parse(self, taken, number):
        """Takes further lines into `taken` while a quote is open."""
        text = taken[0]
        cells = []
        at = 0
        while True:
            if text.startswith('"', at):
                cell, at, text = self._parse_quoted(text, at + 1, taken, number)
                cells.append(cell)
                end = at - 1
                if text.startswith(self._delimiter, at):
                    at += 1
                    continue
                return cells, text[:end]
            stop = text.find(self._delimiter, at)
            if stop < 0:
                content = _without_end(text)
                # Of a last cell `\r\n` is the line's end even where the cell has nothing else.
                cells.append(content[at:])
                return cells, content
            cells.append(text[at:stop])
            at = stop + 1

    def _parse_quoted(self, text, start, taken, number):
        """A quoted cell that begins at `start`: the cell, where its closing quote ends, and the record's text so far."""
        search = start
        while True:
            quote = text.find('"', search)
            if quote < 0:
                if self._too_long(text, start, len(text)):
                    self._unclosed(text, start, number)
                line = self._next()
                if line is None:
                    raise Broken("opens a quote that does not close")
                taken.append(line)
                search, text = len(text), text + line
                if len(text) > self._limits.row_bytes:
                    raise too_large_row(number, self._limits)
                continue
            if self._too_long(text, start, quote):
                self._unclosed(text, start, number)
            if text.startswith('"', quote + 1):
                search = quote + 2
                continue
            rest = text[quote + 1 : quote + 3]
            if rest and not (rest.startswith((self._delimiter, "\n")) or rest == "\r\n"):
                raise Broken("has text after a closing quote")
            return text[start:quote].replace('""', '"'), quote + 1, text

    def _too_long(self, text, start, end):
        limit = self._limits.cell_bytes
        return (end - start) * 4 > limit and byte_length(text[start:end]) > limit

    def _unclosed(self, text, start, number):
        """One line that long is a cell that long; with lines in it, it is more likely a stray quote."""
        newline = text.find("\n")
        if newline < 0 or (newline > start and self._too_long(text, start, newline)):
            raise too_large_cell(number, self._limits)
        raise Broken("opens a quote that does not close")

    def _check(self, number, cells, text):
        limits = self._limits
        if len(cells) > limits.columns:
            raise too_many_cells(number, limits)
        if len(text) * 4 <= limits.cell_bytes:
            return
        if byte_length(text) > limits.row_bytes:
            raise too_large_row(number, limits)
        for cell in cells:
            if self._too_long(cell, 0, len(cell)):
                raise too_large_cell(number, limits)


def _lines(texts, limits):
    """Lines with the newline that ends them; the last one may have none."""
    rest = []
    length = 0
    for text in texts:
        start = 0
        while True:
            newline = text.find("\n", start)
            if newline < 0:
                break
            piece = text[start : newline + 1]
            yield "".join(rest) + piece if rest else piece
            rest, length, start = [], 0, newline + 1
        if start < len(text):
            rest.append(text[start:])
            length += len(text) - start
            if length > limits.row_bytes:
                yield "".join(rest)
                rest, length = [], 0
    if rest:
        yield "".join(rest)


def _without_end(line):
    if line.endswith("\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith("\n") else line


def _excerpt(line):
    head = _without_end(line) if line.endswith("\n") else line
    return head.encode("utf-8")[:_EXCERPT_BYTES].decode("utf-8", "replace").rstrip(BLANKS)


def read_delimited(texts, delimiters, columns, limits):
    """Events of a part's text: `("cells", line, cells)` with the declared columns' trimmed cells, `("aside", line, rule,
    value)`; at the end `("facts", format, rows, ignored)`."""
    texts = iter(texts)
    delimiter, texts = _found(texts, delimiters, columns, limits)
    records = Records(texts, delimiter, limits)
    header = None
    rows = 0
    for line, cells, text in records:
        if header is None:
            if cells is None:
                raise Rejection(f"the header {records.fault}; write the names of the columns without quotes")
            header = Header(cells, columns)
            positions, width = header.positions, header.width
            continue
        rows += 1
        if cells is None:
            yield "aside", line, "broken-quote", text
        elif len(cells) != width:
            yield "aside", line, "torn-line", text[:MOST]
        else:
            yield "cells", line, [trim(cells[position]) for position in positions]
    if header is None:
        raise Rejection("the file is empty; drop one that has rows")
    if rows == 0:
        raise Rejection("the file has a header but no rows; drop one that has rows")
    yield "facts", "tsv" if delimiter == "\t" else "csv", rows, header.ignored


def _found(texts, delimiters, columns, limits):
    """The first delimiter with which the header holds every declared column; where none does, the one whose complaint
    helps most."""
    if len(delimiters) == 1:
        return delimiters[0], texts
    head = []
    length = 0
    for text in texts:
        head.append(text)
        length += len(text)
        if length > limits.row_bytes:
            break
        if "\n" in text:
            # A quoted header may have further lines.
            if all(_header_of(head, delimiter, limits)[1] for delimiter in delimiters):
                break
    best = (0, delimiters[0])
    for delimiter in delimiters:
        names = {trim(cell) for cell in _header_of(head, delimiter, limits)[0]}
        known = sum(1 for column in columns if column in names)
        if known == len(columns):
            best = (known, delimiter)
            break
        if known > best[0]:
            best = (known, delimiter)

    def whole():
        yield from head
        yield from texts

    return best[1], whole()


def _header_of(head, delimiter, limits):
    """The header's cells, and whether it has ended in what is known of the text."""
    text = "".join(head)
    records = Records([text], delimiter, limits)
    for _, cells, content in records:
        ended = len(content) + 1 < len(text) or text.endswith("\n")
        return (cells or []), ended and records.fault != "opens a quote that does not close"
    return [], False
