"""Read CSV text as rows: its encoding, separator and unclosed quotation marks."""

import csv
import io
import re
from collections import Counter

from hcsp_assess.errors import InputError

MOST_LINES = 20  # of one cell, from which lines that look like rows are taken for rows
SEPARATORS = "\t;|,"  # where two are as frequent, the first: a comma may be of a number


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 (with or without its mark) or Windows' Western European encoding."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    start = content[:2000]
    for encoding, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        if len(zeros) > 2 and zeros.count(0) > 0.8 * len(zeros):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def rows_of(name: str, text: str) -> tuple[list[list[str]], str, tuple[str, ...]]:
    """Return the rows of a CSV text, its separator, and remarks on what was special.

    A quotation mark that is opened and never closed would swallow the lines after it. Where every line of what it
    swallows has as many cells by itself as the other rows of the file, the lines are read by themselves.

    Raises
    ------
    InputError
        Naming the file and the line: a quotation mark is not closed, and the lines alone make no rows.
    """
    text = text.replace("\x00", "")
    separator = separator_of(text)
    rows, spans = _parsed(name, text, separator)
    last_open = text.count('"') % 2 == 1
    if all(first == last for first, last in spans) and not last_open:
        return rows, separator, ()
    lines = [line.rstrip("\r\n") for line in io.StringIO(text, newline="")]
    usual = Counter(len(row) for row, (first, last) in zip(rows, spans, strict=True) if first == last and row)
    widths = {width for width, number in usual.items() if width > 1 and number > 0}
    whole: list[list[str]] = []
    remarks = []
    for row, (first, last) in zip(rows, spans, strict=True):
        looked_at = first != last or (last_open and last == len(lines) and len(row) not in widths)
        alone = [_alone(line, separator) for line in lines[first - 1 : last]] if looked_at else []
        filled = [cells for cells in alone if any(cells)]
        like_rows = [cells for cells in filled if len(cells) in widths]
        if len(filled) > (first != last) and len(like_rows) == len(filled):
            whole += alone
            how = "it was read without" if first == last else f"lines {first} to {last} were read one by one"
            remarks.append(f"line {first} has a quotation mark that is not closed: {how}")
            continue
        if (
            alone
            and (last == len(lines) or last - first >= MOST_LINES)
            and _never_closed(text, last - first, like_rows)
        ):
            raise InputError(f"{name} line {first} has a quotation mark that is never closed: close or remove it")
        if len(like_rows) > 1:
            remarks.append(f"lines {first} to {last} are inside one pair of quotation marks and were read as one row")
        whole.append(row)
    return whole, separator, tuple(remarks)


def _never_closed(text: str, swallowed: int, like_rows: list[list[str]]) -> bool:
    """Return whether a quotation mark took in lines that it was not meant to."""
    return text.count('"') % 2 == 1 or (swallowed >= MOST_LINES and len(like_rows) > MOST_LINES // 2)


def separator_of(text: str) -> str:
    """Return the separator that occurs outside quotes in most of the first lines, and most often."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text[:100_000].splitlines()[:50]]
    return max(
        SEPARATORS, key=lambda mark: (sum(mark in line for line in lines), sum(line.count(mark) for line in lines))
    )


def _parsed(name: str, text: str, separator: str) -> tuple[list[list[str]], list[tuple[int, int]]]:
    limit = csv.field_size_limit(max(len(text), 131_072))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows, spans, line = [], [], 0
    try:
        for row in reader:
            rows.append(row)
            spans.append((line + 1, reader.line_num))
            line = reader.line_num
    except csv.Error as error:
        raise InputError(
            f"{name} line {line + 1} cannot be read as CSV ({error}): open it in Excel and save it again"
        ) from error
    finally:
        csv.field_size_limit(limit)
    return rows, spans


def _alone(line: str, separator: str) -> list[str]:
    if line.count('"') % 2:
        return [cell.replace('"', "").strip() for cell in line.split(separator)]
    return next(csv.reader([line], delimiter=separator), [])
