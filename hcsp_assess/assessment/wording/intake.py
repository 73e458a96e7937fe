"""Sentences about the intake: how many of the returns expected from partners were received, and what is not covered."""

import datetime
from collections.abc import Sequence

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.gaps import Gap
from hcsp_assess.assessment.wording.words import lower_first, say_day, upper_first
from hcsp_assess.periods import Span
from hcsp_assess.sources.open_data.definitions import Supplier

ASK = "Ask for the return"
PUBLISHED = "Published: can be downloaded"


def describe_intake(returns: int, whole: int, none: int, day: datetime.date) -> Finding:
    """Say how many returns were received in full, in part and not at all, up to a day.

    Examples
    --------
    >>> describe_intake(23, 17, 2, datetime.date(2013, 4, 30)).sentence
    'By 30 April 2013 we had 17 of the 23 returns in full and 4 in part. The other 2 were not received.'
    """
    part = returns - whole - none
    evidence = {
        "returns": returns,
        "in_full": whole,
        "in_part": part,
        "nothing": none,
        "day": day.day,
        "year": day.year,
    }
    if none == returns:
        return Finding("intake", "We did not ask partners for returns for this edition.", evidence)
    rest = (
        "" if not none else " The other 1 was not received." if none == 1 else f" The other {none} were not received."
    )
    sentence = f"By {say_day(day)} we had {whole} of the {returns} returns in full and {part} in part.{rest}"
    return Finding("intake", sentence, evidence)


def describe_complete() -> Finding:
    """Say that the edition has everything that it asks for."""
    return Finding("intake_complete", "This edition has every return and every published figure that it asks for.")


#: Why a file was not used, by its status in the register.
UNUSED = {
    "refused": "because personal data were found in {it}",
    "cannot be read": "because {it} could not be read",
    "not expected": "because {it} {belongs} to no return",
}


def describe_unused(status: str, files: int) -> Finding:
    """Say how many files were not used, and why.

    Examples
    --------
    >>> describe_unused("refused", 1).sentence
    '1 file was not used because personal data were found in it.'
    """
    one = files == 1
    why = UNUSED[status].format(it="it" if one else "them", belongs="belongs" if one else "belong")
    why = why if one else why.replace("because them", "because they")
    sentence = f"{files} {'file was' if one else 'files were'} not used {why}."
    return Finding(f"intake_{status.replace(' ', '_')}", sentence, {"files": files})


def gap_of_subject(subject: str, what: str, span: Span, holders: Sequence[str]) -> Gap:
    """A subject of which no return was received; a body that another name includes is named once."""
    apart = [name for name in holders if not any(name != other and name in other for other in holders)]
    return Gap(subject, what, span.name, upper_first("; ".join(apart)), ASK)


def gap_of_return(subject: str, title: str, months: str, holder: str) -> Gap:
    """A return that is missing for some months."""
    return Gap(subject, lower_first(title), months, upper_first(holder), ASK)


def gap_of_texts(subject: str, what: str, span: Span, holder: str, how: str) -> Gap:
    """A text that people write and that was not added."""
    return Gap(subject, what, span.name, upper_first(holder), how)


def gap_of_open_data(subjects: Sequence[str], supplier: Supplier, span: Span, *, broken: bool) -> Gap:
    """Published figures that are not held, or cannot be read."""
    subject = "; ".join([subjects[0], *map(lower_first, subjects[1:])])
    how = "We hold files that could not be read: download them again" if broken else PUBLISHED
    return Gap(subject, supplier.title, span.name, supplier.publisher, how)


def gap_of_residents() -> Gap:
    """Residents by group of a protected characteristic, which rates for each group need."""
    what = "violence for each 1,000 residents by age, sex and ethnic group"
    return Gap("Equality", what, "every year", "Office for National Statistics (census)", PUBLISHED)


def gap_of_places() -> Gap:
    """Residents and boundaries of small areas, without which there are no rates, maps and hotspots."""
    what = "rates, maps and hotspots of small areas, which need their residents and boundaries"
    return Gap("Places", what, "every year", "Office for National Statistics", PUBLISHED)


def gap_of_months(missing: int, wanted: int, first: pd.Period, last: pd.Period) -> Gap:
    """Months of street-level files that are not held."""
    months = Span(first, last).spoken
    return Gap(
        "Crime by month and place",
        f"{missing} of the {wanted} months",
        months,
        "data.police.uk",
        PUBLISHED,
    )
