"""Take the text of a street file apart into fields: plain lines in bulk, the others one by one."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

NEWLINE, COMMA, QUOTE, LAST_ASCII = 0x0A, 0x2C, 0x22, 0x7F
IN_CACHE = 1 << 18  # bytes that are counted at one go
LONGEST_LINE = 100_000  # bytes; real ones have under 300
Numbers = np.ndarray[tuple[int], np.dtype[np.uint32]]


@dataclass(frozen=True)
class Piece:
    """Whole lines of the file at position `file`, of which the first is line `first`."""

    file: int
    first: int
    content: bytes


@dataclass(frozen=True)
class Lines:
    """The lines of a piece: the plain ones as one text with their numbers, the others one by one with theirs."""

    plain: bytes
    numbers: Numbers
    careful: list[tuple[int, bytes]]


def pieces_of(position: int, content: bytes, start: int, size: int) -> Iterator[Piece]:
    """Pieces of about `size` bytes of the file at `position`, whose second line begins at `start`."""
    first = 2
    while start < len(content):
        end = content.find(b"\n", start + size) + 1 or len(content)
        piece = Piece(position, first, content[start:end])
        yield piece
        start = end
        first += _count(piece.content, NEWLINE) if end < len(content) else 0


def _count(content: bytes, character: int) -> int:
    characters = np.frombuffer(content, np.uint8)
    return sum(
        int(np.count_nonzero(characters[start : start + IN_CACHE] == character))
        for start in range(0, len(content), IN_CACHE)
    )


def take_whole(piece: Piece, width: int) -> Lines | None:
    """All lines of a piece in which nothing needs care, or None if something may.

    Nothing does where there is no quotation mark, no byte that is not UTF-8, as many commas as lines of `width` fields
    have, and no line with more (the parser stops): then none has fewer either, and none is blank.
    """
    content = piece.content
    lines = _count(content, NEWLINE) + (not content.endswith(b"\n"))
    if b'"' in content or not _is_utf8(content) or _count(content, COMMA) != lines * (width - 1):
        return None
    return Lines(content, np.arange(piece.first, piece.first + lines, dtype=np.uint32), [])


def take_by_line(piece: Piece, width: int) -> Lines:
    """The lines of a piece, each looked at: those that need care are taken out, the others stay together."""
    content, numbers = _without_blank_lines(piece)
    characters = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(characters == NEWLINE) + 1
    starts = np.concatenate([[0], ends[:-1]])
    commas = np.diff(np.searchsorted(np.flatnonzero(characters == COMMA), ends), prepend=0)
    care = commas != width - 1
    care[np.searchsorted(ends, np.flatnonzero(characters == QUOTE), side="right")] = True
    if not _is_utf8(content):
        foreign = np.unique(np.searchsorted(ends, np.flatnonzero(characters > LAST_ASCII), side="right"))
        care[[line for line in foreign if not _is_utf8(content[starts[line] : ends[line]])]] = True
    careful = np.flatnonzero(care)
    plain, start = [], 0
    for line in careful:
        plain.append(content[start : starts[line]])
        start = ends[line]
    plain.append(content[start:])
    apart = [(int(numbers[line]), content[starts[line] : ends[line] - 1]) for line in careful]
    return Lines(b"".join(plain), numbers[~care], apart)


def _without_blank_lines(piece: Piece) -> tuple[bytes, Numbers]:
    """The lines of a piece that hold a character, each with its end, and their numbers."""
    content = piece.content if piece.content.endswith(b"\n") else piece.content + b"\n"
    characters = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(characters == NEWLINE)
    numbers = np.arange(piece.first, piece.first + len(ends), dtype=np.uint32)
    blank = np.diff(ends, prepend=-1) == 1
    if blank.any():
        return np.delete(characters, ends[blank]).tobytes(), numbers[~blank]
    return content, numbers


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def parse_plain(pieces: Sequence[Lines], width: int, as_numbers: Sequence[int] = ()) -> pl.DataFrame:
    """Fields of plain lines, in columns named by position, as text or as numbers.

    Raises
    ------
    polars.exceptions.PolarsError
        If a line has more than `width` fields, a number is none, or there are fewer lines than line numbers.
    """
    kinds = [pl.Float64 if position in as_numbers else pl.String for position in range(width)]
    schema = {f"field_{position}": kind for position, kind in enumerate(kinds)}
    texts = [lines.plain for lines in pieces if lines.plain]
    if not texts:
        return pl.DataFrame(schema=schema)
    content = b"".join(text if text.endswith(b"\n") else text + b"\n" for text in texts) if texts[1:] else texts[0]
    fields = pl.read_csv(content, has_header=False, quote_char=None, schema=schema)
    if fields.height != sum(len(lines.numbers) for lines in pieces):
        raise pl.exceptions.ShapeError("a line was skipped")
    return fields


def parse_line(received: bytes, width: int) -> list[str | None] | None:
    """Problem and fields of one line; None for a blank line."""
    if len(received) > LONGEST_LINE:
        return [f"longer than {LONGEST_LINE:,} bytes", *[None] * width] if received.strip() else None
    try:
        line = received.decode("utf-8").rstrip("\r")
    except UnicodeDecodeError:
        return ["characters that are not UTF-8", *[None] * width]
    if not line.strip():
        return None
    try:
        fields = next(csv.reader([line], strict=True))
    except csv.Error:
        return ["unbalanced quotation mark", *[None] * width]
    if len(fields) < width:
        return [f"cut short: fewer than {width} fields", *[None] * width]
    if len(fields) > width:
        return [f"more than {width} fields", *[None] * width]
    return [None, *fields]
