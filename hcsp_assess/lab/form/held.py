"""What an edition has and lacks, from names of files and the register of returns: nothing is cleaned or counted."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hcsp_assess.edition.counts import read_counts
from hcsp_assess.edition.intake_register import intake_register
from hcsp_assess.edition.returns import GAPS, register_day
from hcsp_assess.project import Project
from hcsp_assess.setup.edition_parts import returns_folder
from hcsp_assess.sources.police_uk.files import find_files
from hcsp_assess.sources.recorded_crime.held import held_official_crime
from hcsp_assess.subject.areas import Area, area
from hcsp_assess.subject.editions import STREET, Edition, edition


@dataclass(frozen=True)
class HeldSource:
    """A source in words: what it is, what is held of it, and what is missing."""

    what: str
    held: str
    missing: str


@dataclass(frozen=True)
class ReturnLine:
    """A line of the register of returns: its title, the period, its status and who holds it."""

    title: str
    period: str
    status: str
    holder: str


@dataclass(frozen=True)
class Held:
    """What an edition has.

    Attributes
    ----------
    sources : tuple of HeldSource
        Official years, street-level months and returns.
    received, expected : tuple of ReturnLine
        Returns of which a file is held, refused ones too; and those not received.
    """

    sources: tuple[HeldSource, ...]
    received: tuple[ReturnLine, ...]
    expected: tuple[ReturnLine, ...]


def held_of(key: str, project: Project) -> Held:
    """Say what an edition has and lacks.

    Raises
    ------
    InputError, UsageError
        If there is no such edition or area, or the days of receipt cannot be read.
    """
    chosen = edition(key, project.root)
    here = area(chosen.area, project.root)
    register = _register(chosen, here, project)
    missing = register["status"].isin(GAPS) & register["file"].isna()
    received, expected = _lines(register[~missing]), _joined(_lines(register[missing]))
    titles = len({line.title for line in received})
    returns = HeldSource(
        "Partners' returns",
        f"{titles} returns" if titles != 1 else "1 return",
        f"{len(expected)} not received" if expected else "",
    )
    return Held((_official(here, project), _street(chosen, here, project), returns), received, expected)


def _official(here: Area, project: Project) -> HeldSource:
    what = "Official recorded crime, by year"
    if not here.partnership_code:
        return HeldSource(what, "none", "the area's definition names no partnership")
    years = held_official_crime(project.root).years(here.partnership_code).dropna().index
    newest = f"{len(years)} years, the newest to {max(years).strftime('%B %Y')}" if len(years) else "none"
    return HeldSource(what, newest, "")


def _street(chosen: Edition, here: Area, project: Project) -> HeldSource:
    what = "Street-level records, by month"
    if not chosen.has_source(STREET):
        return HeldSource(what, "none: this edition uses official figures only", "")
    source = chosen.source(STREET)
    folder, counts = project.root / source.folder, project.root / source.counts
    files = [file for file in find_files(folder, "street") if file.force == here.force] if folder.is_dir() else []
    months = pd.PeriodIndex(sorted({file.month for file in files}), freq="M")
    if months.empty and source.counts and counts.is_dir():
        months = read_counts(counts).months(here.force)
    before = months[months <= chosen.span.last]
    if before.empty:
        return HeldSource(what, "none", f"put archives from data.police.uk in {source.folder}")
    lacking = [month for month in chosen.span.months if month not in set(before)]
    words = ", ".join(month.strftime("%B %Y") for month in lacking)
    first, last = before.min().strftime("%B %Y"), before.max().strftime("%B %Y")
    return HeldSource(
        what, f"{len(before)} months from {first} to {last}", f"of the year assessed: {words}" if words else ""
    )


def _register(chosen: Edition, here: Area, project: Project) -> pd.DataFrame:
    today = max(register_day(chosen), dt.datetime.now(dt.UTC).date())  # what was received since is held too
    folder = returns_folder(chosen, project)
    return intake_register(folder, as_of=today, span=chosen.span, root=project.root, area=here)


def _lines(register: pd.DataFrame) -> tuple[ReturnLine, ...]:
    rows = register.astype(object).where(register.notna(), "").astype(str).to_dict("records")
    return tuple(ReturnLine(row["title"] or row["file"], row["period"], _status(row), row["holder"]) for row in rows)


def _status(row: Mapping[Any, str]) -> str:
    if row["status"] in ("refused", "cannot be read", "not expected"):
        return f"{row['status']}: {row['message']}"
    if row["status"] in GAPS:
        return "not received"
    aside = f", {row['set_aside']} rows set aside" if row["set_aside"] not in ("", "0") else ""
    return f"{row['status']}: {row['kept']} rows{aside}"


def _joined(lines: Sequence[ReturnLine]) -> tuple[ReturnLine, ...]:
    """One line for each return, with all periods that are missing of it."""
    found: dict[str, ReturnLine] = {}
    for line in lines:
        known = found.get(line.title)
        period = f"{known.period}, {line.period}" if known and known.period else line.period
        found[line.title] = ReturnLine(line.title, period, line.status, line.holder)
    return tuple(found.values())
