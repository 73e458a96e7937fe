"""The text of a built page as a reader meets it: by chapter, what is open apart from what is closed."""

import re
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from bs4 import BeautifulSoup, NavigableString, Tag

#: What a text is: body text, a heading, a chart's title, a cell or caption of a table, or a note of where data are from.
PROSE, HEADING, TITLE, TABLE, SOURCE = "prose", "heading", "title", "table", "source"
INLINE = {"a", "abbr", "b", "br", "code", "em", "i", "kbd", "small", "span", "strong", "sub", "sup", "time", "u"}
#: Inline elements that are a text of their own.
APART = {"chart-title", "chart-subtitle", "simulated"}
SOURCES = {"chart-source", "finding-links", "finding-source", "table-source", "source"}
#: Tables that copy a published document word for word.
COPIED = {"performance-published", "performance-as-published"}
QUOTED = re.compile(r"“[^”]*”")


@dataclass(frozen=True)
class Piece:
    """A paragraph, heading, cell or title.

    Attributes
    ----------
    kind, text : str
        One of the kinds above, and the text in one line; words quoted from elsewhere are left out.
    shown : str
        "open", "closed" (in a panel that a reader may open) or "method" (in a panel on method).
    """

    kind: str
    text: str
    shown: str = "open"


@dataclass(frozen=True)
class PageChapter:
    """A chapter of a page: its anchor, heading and pieces; what is outside every chapter has the anchor "page"."""

    key: str
    title: str
    pieces: tuple[Piece, ...]

    def open(self, *kinds: str) -> tuple[Piece, ...]:
        """Pieces that are seen without a click, of these kinds or all."""
        return tuple(piece for piece in self.pieces if piece.shown == "open" and (not kinds or piece.kind in kinds))


def read_page(html: str | Path) -> tuple[PageChapter, ...]:
    """Take a page apart into its chapters, in reading order."""
    text = html.read_text(encoding="utf-8") if isinstance(html, Path) else html
    soup = BeautifulSoup(re.sub(r"<svg\b.*?</svg>", "", text, flags=re.DOTALL), "html.parser")
    for item in soup.select("script, style, svg, nav, head, noscript"):
        item.decompose()
    sections = [item for item in soup.find_all("section") if item.find_parent("section") is None]
    chapters = [_chapter(str(item.get("id", "")), item) for item in sections]
    for item in sections:
        item.decompose()
    return (_chapter("page", soup), *chapters)


def _chapter(key: str, root: Tag) -> PageChapter:
    heading = root.find(["h1", "h2"])
    strings = [item for item in root.find_all(string=True) if type(item) is NavigableString]
    pieces = [_piece(block, list(parts)) for block, parts in groupby(strings, key=_BlockOf)]
    title = " ".join(heading.get_text().split()) if isinstance(heading, Tag) else key
    return PageChapter(key, title, tuple(piece for piece in pieces if piece.text))


class _BlockOf:
    """The element whose text a string is part of; two are equal where they are one element."""

    def __init__(self, text: NavigableString) -> None:
        found = text.parent
        while found is not None and found.name in INLINE and not APART & set(found.get("class") or []):
            found = found.parent
        self.tag = found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _BlockOf) and other.tag is self.tag

    __hash__ = None  # type: ignore[assignment]


def _piece(block: _BlockOf, strings: list[NavigableString]) -> Piece:
    text = " ".join("".join(strings).replace("\xad", "").replace("\u2011", "-").split())
    line = [block.tag, *block.tag.parents] if block.tag is not None else []
    if any(item.get("id") in COPIED for item in line):
        text = ""
    return Piece(_kind(line), QUOTED.sub("“…”", text), _shown(line))


def _kind(line: list[Tag]) -> str:
    for item in line:
        classes = set(item.get("class") or [])
        if item.name in ("h1", "h2", "h3", "h4", "h5", "summary"):
            return HEADING
        if "chart-title" in classes:
            return TITLE
        if item.name in ("th", "td", "caption") or "chart-subtitle" in classes:
            return TABLE
        if SOURCES & classes:
            return SOURCE
    return PROSE


def _shown(line: list[Tag]) -> str:
    """Whether it is seen without a click; the summary line of a closed panel is seen."""
    panels = [item for item in line if item.name == "details"]
    if any(item.name == "summary" for item in line):
        panels = panels[1:]
    if any("method" in (panel.get("class") or []) for panel in panels):
        return "method"
    return "closed" if any(not panel.has_attr("open") for panel in panels) else "open"
