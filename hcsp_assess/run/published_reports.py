"""What a published report says: its record and its findings, read without trust in either file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hcsp_assess.errors import InputError
from hcsp_assess.files import legible
from hcsp_assess.run.formats import PUBLISHED_AS
from hcsp_assess.run.reports_folder import RECORD
from hcsp_assess.sources.findings_file import read_findings

FINDINGS, PAGE = "findings.json", "index.html"
#: No record or file of findings has more bytes; a sentence of the page has no more characters.
LARGEST, LONGEST = 20_000_000, 600


@dataclass(frozen=True)
class PublishedReport:
    """A report as its folder in `reports/` has it.

    Attributes
    ----------
    there : bool
        Whether there is a page.
    problems : tuple of str
        What is missing or damaged, in words.
    area, period : str
        The area's name, and the twelve months in words.
    published : datetime.datetime or None
        When it was published.
    simulated : bool
        Whether any of it rests on simulated records.
    headline, change : str
        The first sentence of its summary, and the first under what has changed.
    recorded : bool
        Whether its record says what its summary, checks and statements are; those of earlier versions do not.
    checks : int or None
        How many checks of street-level data it shows; None where it shows none.
    look : tuple of str
        Checks that found something to look at.
    letters : tuple of str
        Letters for which it states that there is nothing to report.
    missing : tuple of str
        What it says is missing.
    rows, set_aside : int
        Rows received, and how many of them were set aside.
    """

    there: bool = False
    problems: tuple[str, ...] = ()
    area: str = ""
    period: str = ""
    published: datetime | None = None
    simulated: bool = False
    headline: str = ""
    change: str = ""
    recorded: bool = False
    checks: int | None = None
    look: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    rows: int = 0
    set_aside: int = 0

    @property
    def percent_aside(self) -> float | None:
        """Share of the rows that were set aside, in per cent; None where it received none."""
        return 100 * self.set_aside / self.rows if self.rows else None


def read_report(folder: Path) -> PublishedReport:
    """Read what a published report says about itself.

    Parameters
    ----------
    folder : Path
        Its folder in `reports/`.

    Returns
    -------
    PublishedReport
        With whatever could be read; what could not is among its problems. It raises no error.
    """
    if not folder.is_dir():
        return PublishedReport(problems=("there is no report",))
    problems: list[str] = []
    there = (folder / PAGE).is_file()
    if not there:
        problems.append("its page is missing")
    record = _record(folder, problems)
    headline = _findings(folder, problems)
    contents = _mapping(record.get("contents"))
    summary = {key: _texts(value) for key, value in _mapping(contents.get("summary")).items()}
    first = next((said[0] for said in summary.values() if said), "")
    checks = contents.get("checks")
    listed = [_mapping(check) for check in checks] if isinstance(checks, list) else []
    published = _time(record.get("published"), problems) if record else None
    rows, set_aside = _rows(record.get("sources"))
    statements = contents.get("statements")
    letters = [_mapping(item).get("letter") for item in statements] if isinstance(statements, list) else []
    return PublishedReport(
        there=there,
        problems=tuple(problems),
        area=_text(record.get("area")),
        period=_text(record.get("period")),
        published=published,
        simulated=record.get("simulated") is True,
        headline=first or headline,
        change=next(iter(summary.get("changed", ())), ""),
        recorded=bool(contents),
        checks=len(listed) if isinstance(checks, list) else None,
        look=tuple(_text(check.get("check")) for check in listed if check.get("look") is True),
        letters=tuple(_text(letter) for letter in letters if letter),
        missing=(*summary.get("missing", ()), *_texts(contents.get("not_covered"))),
        rows=rows,
        set_aside=set_aside,
    )


def _record(folder: Path, problems: list[str]) -> Mapping[str, Any]:
    """The record of the run; {} where it is missing or damaged, which is noted."""
    path = folder / RECORD
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError
        record = json.loads(path.read_bytes())
    except FileNotFoundError:
        problems.append("the record of its run is missing")
        return {}
    except (OSError, ValueError, RecursionError):
        record = None
    if not (isinstance(record, dict) and isinstance(record.get("edition"), str) and "published" in record):
        problems.append("the record of its run is damaged")
        return {}
    if record["edition"] != folder.name:
        problems.append("the record of its run is of another edition or area")
    return record


def _findings(folder: Path, problems: list[str]) -> str:
    """Check the findings, and return the first sentence."""
    path = folder / FINDINGS
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError
        document = read_findings(path)
    except FileNotFoundError:
        problems.append("its file of findings is missing")
        return ""
    except (OSError, ValueError, RecursionError, InputError):
        problems.append("its file of findings is damaged")
        return ""
    if document["edition"] != folder.name:
        problems.append("its findings are of another edition or area")
    return next((_text(item["sentence"]) for item in document["findings"]), "")


def _rows(sources: object) -> tuple[int, int]:
    """Rows received and set aside, of all sources whose rows are public."""
    received = set_aside = 0
    for source in sources if isinstance(sources, list) else ():
        rows = _mapping(_mapping(source).get("rows"))
        received += _whole(rows.get("in"))
        set_aside += _whole(rows.get("set aside"))
    return received, set_aside


def _time(value: object, problems: list[str]) -> datetime | None:
    try:
        return datetime.strptime(str(value), PUBLISHED_AS).replace(tzinfo=UTC)
    except ValueError:
        problems.append("the record does not say when it was published")
        return None


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(item) for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _text(value: object) -> str:
    text = " ".join(legible(value).split()) if isinstance(value, str) else ""
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(' ', 1)[0]} …"
