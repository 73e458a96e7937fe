"""Wording of the page over all areas: how the runs went, why one failed, and how unusual a figure is."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from hcsp_assess.assessment.wording.words import listed, lower_first, say_percent, upper_first
from hcsp_assess.files import legible
from hcsp_assess.places.unusual_changes import LEAST_OF_TWO

#: Characters of a reason that the page shows.
LONGEST_REASON = 300
#: A path of several parts, and a name of an error of the software at the start.
_PATH = re.compile(r"(?:\b[A-Za-z]:)?(?:[\\/][^\s\\/:;,'\"()]+)+[\\/]([^\s\\/:;,'\"()]+)")
_RELATIVE = re.compile(r"(?:[\w.@-]+[\\/])+([\w.@-]+\.\w+)")
_ERROR = re.compile(r"^([A-Z]\w*(?:Error|Exception|Warning)): ?")
#: A partner's file, or a data file that is not named as police and Home Office files are: its name may say too much.
_RETURNS = re.compile(r"\breturns?\b", re.IGNORECASE)
_DATA = re.compile(r"[^\s\\/:;,'\"()]+\.(?:xlsx?|xlsm|ods|csv|tsv|txt|docx?|pdf|zip|gz)\b", re.IGNORECASE)
_OPEN = re.compile(r"\d{4}-\d\d-[\w-]+-(?:street|outcomes|stop-and-search)\.csv|prc-csp-[\w.-]+", re.IGNORECASE)
OF_A_PARTNER = "A data file could not be used. The log of runs says which, and why."
BREAKS = {
    "not available": "No figure, where most other partnerships have one.",
    "zero": "None recorded, where at least 20 are usual.",
    "negative": "Below zero: more records were cancelled than added.",
    "repeated": "The same counts again, more often than luck explains.",
    "not the sum": "The count differs from the sum of its parts.",
    "jump": "At least three times, or at most a third, of the same quarter a year before, unlike elsewhere.",
}
FIRST = {
    "force": "Ask the force whether recording changed, before asking about crime.",
    "change": "Ask the force about recording and about one long series of offences; then ask the partnership.",
    "within": "Its force moved as a whole, and this area by a different amount. Ask the force why.",
    "not available": "Ask the force whether the figures were submitted.",
    "zero": "Ask the force whether the figures are complete.",
    "negative": "Ask the force which records were cancelled; use a longer period until then.",
    "repeated": "Ask the force whether old figures were submitted again.",
    "not the sum": "Check the figure in the published table, and report it to the publisher.",
    "jump": "Ask the force whether records were entered late, moved or counted twice.",
    "checks": "Read “About the data” in the report, and complete the files.",
    "set aside": "Ask the area why so many rows could not be used.",
    "statements": "Ask for the partnership's own text, or confirm that there is nothing to report.",
}


def say_how_it_went(up_to_date: int, failed: int, damaged: int, standing: int, earlier: int = 0) -> str:
    """Say how many reports are up to date, failed or damaged, and how many of the failed have an earlier report.

    `earlier` is the number of reports beside these that an earlier run built.

    Examples
    --------
    >>> say_how_it_went(318, 2, 0, 0)
    '318 of 320 reports are up to date; 2 failed and are listed first.'
    >>> say_how_it_went(2, 1, 0, 1)
    '2 of 3 reports are up to date; 1 failed and is listed first. It has an earlier report, still published.'
    >>> say_how_it_went(3, 0, 0, 0)
    'All 3 reports are up to date.'
    >>> say_how_it_went(2, 0, 0, 0, earlier=312)
    'All 2 reports of this run are up to date. 312 other reports are of earlier runs.'
    """
    if earlier:
        other = "other report is of an earlier run" if earlier == 1 else "other reports are of earlier runs"
        return f"{_said_of(up_to_date, failed, damaged, standing, ' of this run')} {earlier:,} {other}."
    return _said_of(up_to_date, failed, damaged, standing, "")


def _said_of(up_to_date: int, failed: int, damaged: int, standing: int, of_run: str) -> str:
    every = up_to_date + failed + damaged
    if up_to_date == every:
        only = f"The report{of_run}" if of_run else "The only report"
        return f"All {every:,} reports{of_run} are up to date." if every > 1 else f"{only} is up to date."
    parts = [f"{failed:,} failed"] if failed else []
    parts += [f"{damaged:,} cannot be read whole"] if damaged else []
    wrong = failed + damaged
    is_first = "is listed first" if wrong == 1 else "are listed first"
    said = f"{up_to_date:,} of {every:,} reports{of_run} {'is' if up_to_date == 1 else 'are'} up to date; "
    said += f"{listed(parts)} and {is_first}." if len(parts) == 1 else f"{listed(parts)}. These {is_first}."
    if standing:
        one = standing == 1
        earlier = "an earlier report" if one else "earlier reports"
        of_these = f"{standing:,} of these" if wrong > 1 else "It"
        said += f" {of_these} {'has' if one else 'have'} {earlier}, still published."
    return said


def say_reason(reason: str, root: str = "") -> str:
    """Return why a report failed, as a page may show it: no path, no name of a partner's file, one paragraph.

    The page is public, and the name of a file of a partner, or a cell of it, may name a person.

    Examples
    --------
    >>> say_reason("the list /srv/all/areas/leeds.toml has no field name", "/srv/all")
    'The list leeds.toml has no field name.'
    >>> say_reason("KeyError: 'count'")
    "An unexpected error of the software (KeyError): 'count'."
    >>> say_reason("")
    'The run gave no reason.'
    """
    text = " ".join(legible(reason).split())
    if not text:
        return "The run gave no reason."
    if _RETURNS.search(text) or any(not _OPEN.fullmatch(name) for name in _DATA.findall(text)):
        return OF_A_PARTNER
    text = _RELATIVE.sub(r"\1", _PATH.sub(r"\1", text.replace(f"{root}/", "") if root else text))
    text = _ERROR.sub(r"An unexpected error of the software (\1): ", text)
    if len(text) > LONGEST_REASON:
        text = f"{text[:LONGEST_REASON].rsplit(' ', 1)[0]} … The log of runs has the whole message"
    return upper_first(text if text.endswith((".", "!", "?")) else f"{text}.")


def say_odds(expected: float, comparisons: int) -> str:
    """Say how unusual one of many comparisons is, by how many like it the usual variation would give.

    Parameters
    ----------
    expected : float
        How many at least as unusual are expected among all comparisons.

    Examples
    --------
    >>> say_odds(0.0312, 5153)
    '1 of 5,153 comparisons: usual variation would give one like it in about 1 of 30 such tables.'
    >>> say_odds(1e-9, 5153)
    '1 of 5,153 comparisons: usual variation would give one like it in fewer than 1 of 1,000 such tables.'
    """
    if expected >= 1:
        often = f"about {expected:,.0f} like it in such a table"
    elif expected < 0.001:
        often = "one like it in fewer than 1 of 1,000 such tables"
    else:
        tables = 1 / expected
        rounded = round(tables) if tables < 10 else round(tables / 10) * 10 if tables < 100 else round(tables, -2)
        often = f"one like it in about 1 of {max(2, rounded):,.0f} such tables"
    return f"1 of {comparisons:,} comparisons: usual variation would give {often}."


def say_alone(number: int) -> str:
    """Say that many partnerships of a force are unusual by themselves."""
    return f"{number} of them are unusual by themselves, and together they point to the force."


def say_break(kind: str, places: int) -> str:
    """Say what breaks off in the figures, and in how many partnerships of a force."""
    return BREAKS[kind] + (f" In {places} of the force's partnerships." if places > 1 else "")


def say_first(kind: str) -> str:
    """Say what to do first about a question."""
    return FIRST[kind]


def say_period(period: str) -> str:
    """Say a year or quarter in words.

    Examples
    --------
    >>> say_period("2025-06"), say_period("2026Q4")
    ('year to June 2025', 'January to March 2026')
    """
    if "Q" in period:
        quarter = pd.Period(period, "Q-MAR")
        return f"{quarter.start_time:%B} to {quarter.end_time:%B %Y}"
    return f"year to {pd.Period(period, 'M').strftime('%B %Y')}"


def say_share_aside(percent: float, middle: float) -> str:
    """Say how many rows were set aside, beside the middle area."""
    return f"{percent:.1f}% of the rows received were set aside; in the middle area, {middle:.1f}%."


def say_letters(letters: Sequence[str]) -> str:
    """Say for which letters of the law's list a report states that there is nothing to report."""
    named = listed([f"({letter})" for letter in letters])
    return f"Nothing to report is stated under {'letter' if len(letters) == 1 else 'letters'} {named}."


def say_compared(before: pd.Period, year_end: pd.Period, comparisons: int) -> str:
    """Say which two years are compared, of whom, and how many comparisons there are."""
    return (
        f"We compared recorded crime in the {say_period(str(year_end))} with the {say_period(str(before))}. That is "
        f"{comparisons:,} comparisons, of every partnership in England and Wales. A change is listed if it differs "
        "from those elsewhere by more than partnerships usually differ. About 1 in 20 of those listed may be luck."
    )


def say_left_out(small: int, differently: Sequence[str]) -> list[str]:
    """Say how many comparisons were left out because of small counts, and which groups are counted differently."""
    said = [f"We left out {small:,} comparisons with fewer than {LEAST_OF_TWO} offences in both years together."]
    if differently:
        names = listed([lower_first(name) for name in differently])
        said.append(f"We did not compare {names}, because recording rules changed between the two years.")
    return said if small else said[1:]


def say_not_compared(names: Sequence[str]) -> list[str]:
    """Say which areas are not in the official tables."""
    if not names:
        return []
    shown = list(names[:10]) + ([f"{len(names) - 10:,} more"] if len(names) > 10 else [])
    return [f"Without an official code of a partnership, and so not compared: {listed(shown)}."]


def say_elsewhere(number: int, reports: int) -> list[str]:
    """Say how many unusual changes are in places that have no report here."""
    if number <= 0:
        return []
    more = "1 unusual change is" if number == 1 else f"{number:,} unusual changes are"
    return [
        f"{more} elsewhere, outside the areas of {'this report' if reports == 1 else f'these {reports:,} reports'}."
    ]


def say_no_years() -> str:
    """Say that no official years can be compared."""
    return (
        "We did not compare changes between areas. Official figures by partnership do not cover the period of this "
        "edition, or its records are simulated."
    )


def say_quarters_looked_at(quarters: Sequence[str]) -> str:
    """Say which quarters were looked at for breaks, or that the project holds years only."""
    if not quarters:
        return (
            "We looked at the two years. Breaks within a year can be seen only in the Home Office tables by quarter, "
            "which this project does not hold."
        )
    return f"We looked at the two years, and at each quarter from {quarters[0]} to {quarters[1]}."


def say_percent_signed(percent: float | None) -> str:
    """Say a change in per cent with its sign; a dash where there is none.

    Examples
    --------
    >>> say_percent_signed(-68.27), say_percent_signed(0.02), say_percent_signed(None)
    ('−68%', 'under 0.1%', '–')
    """
    if percent is None:
        return "–"
    size = say_percent(percent)
    return size if size.startswith("under") else f"{'−' if percent < 0 else '+'}{size}"


def say_method(level: float, spread: pd.Series) -> tuple[str, ...]:
    """Describe the method, for the closed panel."""
    low, high = (say_percent(100 * float(np.expm1(value))) for value in (spread.min(), spread.max()))
    return (
        "For each partnership and offence group we take the logarithm of the ratio of the two counts, less that of the "
        "middle partnership. Its z-score allows for chance (Poisson) and for the ordinary spread between partnerships, "
        f"from {low} to {high} by group (additive overdispersion, Spiegelhalter 2005 and 2012). The spread is measured "
        "with the highest and lowest tenth pulled in, so that outliers do not hide themselves. P-values are by "
        "Student's t, because the spread is itself measured.",
        f"Lines are listed at a false discovery rate of {100 * level:.0f}% (Benjamini and Hochberg 1995) over all "
        "comparisons; for forces, over all forces and groups. A force has one line where at least two thirds of its "
        "partnerships moved alike and its middle partnership is unusual among forces, or at least half of them are "
        "unusual by themselves. Its partnerships are then compared with the force, not with the country.",
        "A change in all recorded crime has no line if the kinds of offence listed for the same place make up at least "
        "half of it.",
    )
