"""Put a file that another program saved into the published form: UTF-8, commas, the headings first.

Only what leaves no doubt is changed, and lines keep their numbers.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hcsp_assess.errors import InputError
from hcsp_assess.sources.police_uk.layouts import Layout
from hcsp_assess.subject.outcomes import outcome_groups

LONGEST_HEADER: Final = 10_000  # bytes; real ones have under 300
BYTE_ORDER_MARK: Final = codecs.BOM_UTF8
_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
#: How a file of UTF-16 without a mark begins: a letter of ASCII and a null.
_UNMARKED: Final = {rb"[\"A-Za-z]\x00[\"A-Za-z]\x00": "utf-16-le", rb"\x00[\"A-Za-z]\x00[\"A-Za-z]": "utf-16-be"}
_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "vertical lines"}
_COMMA: Final = ","
#: Letters and marks of British and Welsh names that Windows-1252 writes in one byte and UTF-8 in more.
_WINDOWS: Final = "ÀÁÂÄÇÈÉÊËÌÍÎÏÑÒÓÔÖÙÚÛÜÝàáâäçèéêëìíîïñòóôöùúûüýÿ‘’–£"
_FEW_LINES: Final = 3
_DECIMAL_COMMA: Final = re.compile(r"-?[0-9]{1,2},[0-9]+")
_BEFORE_HEADINGS: Final = re.compile(rb"(?:(?:[ \t]*|[\"]?sep=.[\"]?)\r?\n)+", re.IGNORECASE)


@dataclass(frozen=True)
class Form:
    """A file's text in the published form.

    Attributes
    ----------
    content : bytes
        UTF-8, with the headings on the first line and commas between the columns.
    read_as : tuple of str
        How the file differs from a published one, such as "semicolons between the columns".
    """

    content: bytes
    read_as: tuple[str, ...] = ()


def in_utf8(content: bytes, label: str) -> Form:
    """Return a text in UTF-8, if it is in UTF-16 or UTF-32 (by its mark, or plainly) or in Windows-1252.

    It counts as Windows-1252 if every byte beyond ASCII is a letter of British or Welsh names in a word, no two are
    side by side, as they are in UTF-8, they are on three lines or more, and a word recurs: if not, they may be damage.

    Raises
    ------
    InputError
        If it has the mark of UTF-16 or UTF-32 and cannot be read as such.
    """
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "") or next(
        (name for start, name in _UNMARKED.items() if re.match(start, content)), ""
    )
    if encoding:
        kind = encoding[:6].upper()
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            raise InputError(
                f"{label} is text in {kind}, as Excel's Unicode Text is, and is damaged or cut short ({error.reason}): "
                "save it as CSV (UTF-8), or download it again"
            ) from error
        return Form(text.encode("utf-8", errors="backslashreplace"), (kind,))
    if not content.isascii() and _is_windows(content):
        return Form(content.decode("cp1252").encode(), ("Windows-1252",))
    return Form(content)


def _is_windows(content: bytes) -> bool:
    content = content.removeprefix(BYTE_ORDER_MARK)
    odd = re.findall(rb"[\x80-\xff]+", content)
    letters = {letter.encode("cp1252") for letter in _WINDOWS}
    if not letters.issuperset(odd):
        return False
    words = Counter(re.findall(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*", content))
    lines = sum(not line.isascii() for line in content.splitlines())
    return lines >= _FEW_LINES and max(words.values()) > 1 and all(len(word) > 1 for word in words)


def as_published(content: bytes, label: str, layout: Layout) -> Form:
    """Put a text into the published form as far as that leaves no doubt; a file in that form is returned as it is.

    A separator is certain if the first line splits by it, and by no comma, into headings with every column that the
    file must have. Blank lines and Excel's "sep=;" above the headings go below them.

    Raises
    ------
    InputError
        As `in_utf8`.
    """
    form = in_utf8(content, label)
    content, notes = form.content, list(form.read_as)
    if (moved := _headings_first(content.removeprefix(BYTE_ORDER_MARK))) is not None:
        content, notes = moved, [*notes, "lines above the headings"]
    start = content.removeprefix(BYTE_ORDER_MARK)[:LONGEST_HEADER].split(b"\n", 1)[0]
    first = start.decode("utf-8", errors="backslashreplace").rstrip("\r")
    if not layout.lacks(layout.headings(fields_of(first))):
        return Form(content, tuple(notes))
    for separator, words in _SEPARATORS.items():
        headings = layout.headings(fields_of(first, separator))
        if not layout.lacks(headings):
            coordinates = [headings.index(name) for name in ("Longitude", "Latitude")]
            return Form(_with_commas(content, separator, coordinates), (*notes, f"{words} between the columns"))
    whole = fields_of(first)
    if len(whole) == 1 and not layout.lacks(layout.headings(fields_of(whole[0]))):
        return Form(_unwrapped(content), (*notes, "quotation marks round each line"))
    return Form(content, tuple(notes))


def _headings_first(content: bytes) -> bytes | None:
    """The content with what is above its headings below them, or None if nothing is."""
    above = _BEFORE_HEADINGS.match(content[:LONGEST_HEADER])
    if above is None or not content[above.end() :].strip():
        return None
    end = content.find(b"\n", above.end()) + 1 or len(content)
    headings = content[above.end() : end]
    blank = b"\n" * above.group().count(b"\n")
    return headings + (b"" if headings.endswith(b"\n") else b"\n") + blank + content[end:]


def fields_of(line: str, separator: str = _COMMA) -> list[str]:
    """The fields of a line without its end."""
    return [field.strip() for field in next(csv.reader([line.replace("\r", "")], delimiter=separator), [])]


def _with_commas(content: bytes, separator: str, coordinates: Sequence[int]) -> bytes:
    """The same lines with commas for the separator, and points for the commas of coordinates.

    An outcome whose wording holds the separator ("Investigation complete; no suspect identified") is one field.
    """
    mark = separator.encode()
    for wording in (wording.encode() for group in outcome_groups() for wording in group.wordings):
        if mark in wording:
            field = rb"(?<=%b)%b(?=%b|\r|\n|\Z)" % tuple(map(re.escape, (mark, wording, mark)))
            content = re.sub(field, b'"' + wording + b'"', content)

    def lines() -> Iterator[bytes]:
        for line in content.split(b"\n"):
            if b"," not in line and b'"' not in line:
                yield line.replace(mark, b",")
            else:
                yield _line_with_commas(line, separator, coordinates)

    return b"\n".join(lines())


def _line_with_commas(line: bytes, separator: str, coordinates: Sequence[int]) -> bytes:
    try:
        fields = next(csv.reader([line.decode("utf-8").rstrip("\r")], delimiter=separator, strict=True), [])
    except (csv.Error, UnicodeDecodeError):  # set aside with its reason as the rows are read
        return line
    for position in coordinates:
        if position < len(fields) and _DECIMAL_COMMA.fullmatch(fields[position].strip()):
            fields[position] = fields[position].replace(",", ".")
    return _csv_line(fields)


def _unwrapped(content: bytes) -> bytes:
    """Lines that are each one quoted field, without the quotation marks."""

    def lines() -> Iterator[bytes]:
        for line in content.split(b"\n"):
            bare = line.rstrip(b"\r")
            inner = bare[1:-1].replace(b'""', b'"')
            yield inner if len(bare) > 1 and bare[:1] == bare[-1:] == b'"' else line

    return b"\n".join(lines())


def _csv_line(fields: Sequence[str]) -> bytes:
    """Fields as one line of CSV without its end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue().encode()
