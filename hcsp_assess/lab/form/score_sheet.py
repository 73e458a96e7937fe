"""The scores of an edition's issues, in its spreadsheet: read, changed one issue at a time, saved whole."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hcsp_assess.errors import InputError
from hcsp_assess.files import sha256_of, write_whole
from hcsp_assess.lab.form.step import Chosen
from hcsp_assess.setup.edition_texts import last_findings
from hcsp_assess.sources.text_entries import FILE as WHERE
from hcsp_assess.sources.text_sheet_templates import book_bytes
from hcsp_assess.sources.text_sheets import read_book
from hcsp_assess.subject.county_themes import county_themes

NAME = "scores"
FILE, OLD = "scores.xlsx", "scores.toml"


@dataclass(frozen=True)
class ScoreSheet:
    """The spreadsheet as it was when it was opened.

    Attributes
    ----------
    path : Path
        The file, which may not be there yet.
    content : bytes or None
        What it held.
    items : tuple of dict
        An entry for each issue.
    """

    path: Path
    content: bytes | None
    items: tuple[dict[str, Any], ...]

    def base(self, key: str) -> str:
        """Return a checksum of an issue's entry; "" where there is no such issue."""
        known = next((each for each in self.items if each["key"] == key), None)
        return "" if known is None else sha256_of(json.dumps(known, default=str, sort_keys=True).encode())

    def with_item(self, item: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        """Return the entries with one more, or with that of its key changed."""
        keys = [each["key"] for each in self.items]
        if item["key"] in keys:
            return tuple(dict(item) if each["key"] == item["key"] else each for each in self.items)
        return (*self.items, dict(item))

    def save(self, item: Mapping[str, Any], chosen: Chosen) -> "ScoreSheet":
        """Save an issue, and leave the others as they are; the file as it was is kept as a copy.

        Raises
        ------
        InputError
            If what is to be saved could not be read again.
        """
        choices = {
            "findings": [str(each["key"]) for each in last_findings(chosen.edition, chosen.project)],
            "themes": list(county_themes()),
        }
        content = book_bytes(NAME, choices=choices, fields={"item": [*self.with_item(item)]})
        if problems := read_book(content, FILE).problems:
            raise InputError("; ".join(str(each) for each in problems[:3]))
        if self.content is not None:
            write_whole(chosen.project.processed / "form" / "theirs" / f"{chosen.edition}-{FILE}", self.content)
        write_whole(self.path, content)
        return open_scores(chosen)


def save_over(base: str, item: Mapping[str, Any], chosen: Chosen) -> ScoreSheet:
    """Save an issue in the spreadsheet as it is now, unless another person has changed this issue.

    Parameters
    ----------
    base : str
        Checksum of the issue's entry when it was opened, as `ScoreSheet.base` has it.

    Raises
    ------
    InputError
        If the entry is not as it was opened, or the spreadsheet cannot be read.
    """
    now = open_scores(chosen)
    if now.base(str(item["key"])) != base:
        raise InputError(
            f"the scores of {item['name']} in {FILE} are not those that you opened, and were not overwritten. What you "
            "typed is still here: copy what you need, then choose Discard, and the issue in the list, to see theirs"
        )
    return now.save(item, chosen)


def open_scores(chosen: Chosen) -> ScoreSheet:
    """Open the scores of an edition; without a file there are none yet.

    Raises
    ------
    InputError
        If its scores are in the older form, or a cell of the spreadsheet cannot be used.
    """
    folder = chosen.project.root / "editions" / chosen.edition
    if (folder / OLD).is_file():
        raise InputError(f"the scores of this edition are in {OLD}: edit them there, or convert the texts first")
    path = folder / FILE
    content = _content(path)
    if content is None:
        return ScoreSheet(path, None, ())
    book = read_book(content, FILE)
    if book.problems:
        raise InputError(f"{FILE} has cells to correct first: {'; '.join(str(each) for each in book.problems[:3])}")
    items = tuple({name: each[name] for name in each if name != WHERE} for each in book.fields.get("item", []))
    return ScoreSheet(path, content, items)


def key_of(name: str) -> str:
    """Return the key of an issue by its name.

    Examples
    --------
    >>> key_of("Domestic abuse")
    'domestic_abuse'
    """
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
