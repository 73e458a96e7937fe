"""What an edition does not cover, worked out of its register of returns, its open data, its texts and its months."""

import pandas as pd

from hcsp_assess.assessment.gaps import Gap
from hcsp_assess.assessment.wording.intake import (
    gap_of_months,
    gap_of_open_data,
    gap_of_places,
    gap_of_residents,
    gap_of_return,
    gap_of_subject,
    gap_of_texts,
)
from hcsp_assess.assessment.wording.words import say_quarters
from hcsp_assess.edition.chapter_sources import ChapterSources, chapter_sources, chapters_of_places
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.returns import ABSENT, EditionReturns
from hcsp_assess.sources.open_data.definitions import suppliers
from hcsp_assess.sources.residents import read_residents
from hcsp_assess.sources.returns.definitions import return_definition, return_names
from hcsp_assess.subject.holders import holder_in
from hcsp_assess.subject.own_returns import returns_asked_for


def edition_gaps(opened: OpenEdition) -> tuple[Gap, ...]:
    """Return what an edition does not cover, a line for each subject.

    A subject of which no return was received is one line. Of the others, each return with months missing is one. Open
    data that are published and not held, texts not yet written and months of street-level files follow.
    """
    gaps: list[Gap] = []
    if opened.has_returns:
        gaps += _returns(opened.returns)
    gaps += [*_texts(opened), *_places(opened), *_residents(opened)]
    gaps += _open_data(opened)
    return (*gaps, *_months(opened))


def _returns(returns: EditionReturns) -> list[Gap]:
    """Subjects without any return, and returns that are not complete; each return once."""
    received, asked = set(returns.names_received), returns_asked_for(returns.area)
    first, last = returns.span.first, returns.span.last
    known = {name for name in return_names(returns.project.root) if name in received or asked.asks(name, first, last)}
    chapters = {*returns.edition.chapters, *returns.edition.left_out}
    listed: set[str] = set()
    gaps: list[Gap] = []
    for item in chapter_sources().values():
        names = [name for name in item.returns if name in known]
        if not names or item.chapter not in chapters:
            continue
        if received & set(names):
            gaps += _parts(returns, item.subject, [name for name in names if name not in listed])
        else:
            gaps.append(_subject(returns, item, names))
        listed |= set(names)
    others = [name for name in known if name not in listed and received]
    return gaps + [gap for name in sorted(others) for gap in _parts(returns, _title(returns, name), [name])]


def _subject(returns: EditionReturns, item: ChapterSources, names: list[str]) -> Gap:
    holders = tuple(dict.fromkeys(returns.holder(name) for name in names))
    return gap_of_subject(item.subject, item.what, returns.span, holders)


def _parts(returns: EditionReturns, subject: str, names: list[str]) -> list[Gap]:
    register = returns.register
    lines = register[register["dataset"].isin(names) & register["status"].isin(ABSENT)]
    return [
        gap_of_return(subject, str(line["title"]), _months_of(line["period"]) or returns.span.name, str(line["holder"]))
        for _, line in lines.iterrows()
    ]


def _months_of(period: object) -> str:
    """Quarters of the register as months in words; "" where it names none."""
    return say_quarters(str(period)) if isinstance(period, str) and period else ""


def _texts(opened: OpenEdition) -> list[Gap]:
    span = opened.edition.span
    return [
        gap_of_texts(item.subject, item.what, span, holder_in(item.holder, opened.area, span.last), item.how)
        for item in chapter_sources().values()
        if item.chapter in opened.edition.left_out and item.texts
    ]


def _places(opened: OpenEdition) -> list[Gap]:
    """Chapters that are left out because the area was set up without boundaries."""
    return [gap_of_places()] if chapters_of_places() & set(opened.edition.left_out) else []


def _residents(opened: OpenEdition) -> list[Gap]:
    """Residents by group, without which a chapter on equality has no rates."""
    wanted = "equality" in opened.edition.chapters and opened.has_returns
    return [gap_of_residents()] if wanted and read_residents(opened.project.root).empty else []


def _open_data(opened: OpenEdition) -> list[Gap]:
    """Suppliers of which nothing is held, for chapters that rest on returns or open data; none in a demonstration."""
    if opened.edition.simulated:
        return []
    subjects = {name: item.subject for name, item in chapter_sources().items()}
    wanted = {*opened.edition.chapters, *opened.edition.left_out} & set(subjects)
    held = {item.supplier.key for item in opened.open_data.figures}
    broken = {key for key, _ in opened.open_data.problems}
    gaps = []
    for key, supplier in suppliers().items():
        named = tuple(dict.fromkeys(subjects[each.chapter] for each in supplier.measures if each.chapter in wanted))
        if key not in held and named:
            gaps.append(gap_of_open_data(named, supplier, opened.edition.span, broken=key in broken))
    return gaps


def _months(opened: OpenEdition) -> list[Gap]:
    """Months of street-level files that are published and not held, from the first that is held."""
    if not opened.has_records or opened.simulated:
        return []
    last = opened.edition.span.last
    held = [month for month in opened.coverage.counted if month <= last]
    if not held:
        return []
    wanted = pd.period_range(min(held), last, freq="M")
    missing = len(wanted) - len(set(held))
    return [gap_of_months(missing, len(wanted), min(held), last)] if missing else []


def _title(returns: EditionReturns, name: str) -> str:
    return return_definition(name, returns.project.root).title
