"""Titles of charts of the season: what is highest and lowest, one year against another, trend and season."""

from collections.abc import Sequence

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import is_many, listed, lower_first, upper_first
from hcsp_assess.trends.seasons import SEASONS, Season
from hcsp_assess.trends.year_grid import YearGrid, YearsCompared

#: What is printed under a decomposition.
HOW_TO_READ_PARTS = (
    "What to look for. Top: the dark line is the trend, without the season. Middle: the usual pattern over the year. "
    "Bottom: what is left; a point far from the line is an unusual {part}. The chart does not show whether a change is "
    "more than chance."
)
MOVED_PERCENT = 10.0  # between two years' totals before a title says that the series rose or fell
MOVED_ERRORS = 3.65  # standard errors of a difference of counts: 2.58, for twice the variation of chance


def say_season(season: Season, name: str, grid: YearGrid) -> str:
    """Say in which months a series is highest and lowest, or that it has no clear season.

    Parameters
    ----------
    name : str
        What is counted, such as "Shoplifting".
    grid : YearGrid
        The counts by year: where there are too few for a season, the highest of them is named.
    """
    what = upper_first(name)
    if not season.tested:
        return say_highest(grid, name)
    if not season.clear:
        held = f" in the {season.held} {season.part}s that we hold" if grid.not_held.to_numpy().any() else ""
        return f"{what} {'have' if is_many(name) else 'has'} no clear season{held}"
    said = _high_and_low(season)
    if not said:
        return (
            f"{what} {'follow' if is_many(name) else 'follows'} the time of year, with no single highest {season.part}"
        )
    return f"{what} {'are' if is_many(name) else 'is'} {said}"


def say_highest(grid: YearGrid, name: str) -> str:
    """Say which month or quarter held is the highest, by plain counts."""
    what, known = upper_first(name), grid.held
    top = int(known.max()) if len(known) else 0
    if not top:
        return f"No {lower_first(name)} was recorded in the {grid.part}s that we hold"
    at = known.index[known == top]
    verb = "were" if is_many(name) else "was"
    if len(at) > 1:
        return f"{what} {verb} never above {top:,} a {grid.part}"
    year, part = at[0]
    return f"{what} {verb} highest in {part}{_year_of(str(year), str(part))}: {top:,}"


def say_years(compared: YearsCompared | None, name: str, grid: YearGrid) -> str:
    """Say in how many months the latest year was above or below an earlier one; totals that differ are said too."""
    if compared is None:
        return say_highest(grid, name)
    verb = "were" if is_many(name) else "was"
    start = f"{upper_first(name)} in {compared.latest} {verb}"
    level = compared.shared - compared.above - compared.below
    if level >= max(compared.above, compared.below):
        return f"{start} level with {compared.earlier}{_span(compared, level)}"
    if compared.above == compared.below:
        return f"{start} above {compared.earlier}{_span(compared, compared.above)}, and below it in {compared.below}"
    up = compared.above > compared.below
    said = f"{start} {'above' if up else 'below'} {compared.earlier}"
    said += _span(compared, compared.above if up else compared.below)
    gained = compared.total - compared.earlier_total
    if gained == 0 or (gained > 0) is not up:
        how = "the same" if gained == 0 else "higher" if gained > 0 else "lower"
        figures = f"{compared.total:,}" if gained == 0 else f"{compared.total:,} and {compared.earlier_total:,}"
        said += f", though the total was {how} ({figures})"
    return said


def say_parts(season: Season, grid: YearGrid, name: str, verdict: str) -> str:
    """Say what trend and season look like, as far as plain totals of whole years support it.

    Parameters
    ----------
    verdict : str
        The word of the series' trend: "rising" or "falling" is said again only where the totals agree, and a chart
        that only describes never adds such a word of its own.
    """
    path = _path(grid, verdict)
    if not path:
        return say_season(season, name, grid)
    what = f"{upper_first(name)} {path}"
    if not season.clear:
        return f"{what}, with no clear season" if season.tested else what
    said, more = _high_and_low(season), ", and" if ", then " in path else " and"
    if said:
        return f"{what}{more} {'are' if is_many(name) else 'is'} {said}"
    return f"{what}{more} {'follow' if is_many(name) else 'follows'} the time of year"


def describe_one_year(key: str, name: str, held: int, part: str) -> Finding:
    """Say why years are not compared: there are not two of them."""
    sentence = f"We hold {held} {part}s of {lower_first(name)}, too few to compare one year with another."
    return Finding(f"{key}_years", sentence, {"held": held})


def note_changes(months: Sequence[pd.Period]) -> str:
    """Say when recording changed, for a chart that sets years side by side; "" where it is not known to have."""
    if not months:
        return ""
    named = listed([month.strftime("%B %Y") for month in sorted(set(months))])
    return f"How crime is recorded changed in {named}. Years before and after do not compare exactly."


def _high_and_low(season: Season) -> str:
    parts = [
        f"{word} {_when(names)}" for word, names in (("highest", season.highest), ("lowest", season.lowest)) if names
    ]
    return " and ".join(parts)


def _when(names: Sequence[str]) -> str:
    if len(names) == 1 and " to " in names[0]:
        return f"from {names[0]}"
    if len(names) < 3 or names[0] in SEASONS:
        return f"in {listed(names)}"
    return f"from {names[0]} to {names[-1]}"


def _span(compared: YearsCompared, months: int) -> str:
    """In how many months: "in 9 of 12 months", "in all 4 months held in both"."""
    both = "" if compared.shared == compared.per_year else " held in both years"
    if compared.shared == 1:
        return f" in the one {compared.part}{both}"
    count = (
        f"all {compared.shared}"
        if months == compared.shared
        else f"{months} of {'the ' if both else ''}{compared.shared}"
    )
    return f" in {count} {compared.part}s{both}"


def _year_of(year: str, part: str) -> str:
    """The calendar year of a month in a year named "2024-25", as it follows the month's name."""
    if "-" not in year:
        return f" {year}"
    first = pd.Period(f"2001 {part.split()[0]}", "M").month
    return f" {int(year[:4]) + (first < 4)}"


def _path(grid: YearGrid, verdict: str) -> str:
    """Which way the totals of whole years went, in the words of the trend; "" where they do not bear it out."""
    totals = grid.whole_years.sum(axis=1)
    if verdict not in ("rising", "falling") or len(totals) < 3:
        return ""
    sign = 1 if verdict == "rising" else -1
    first, last = str(totals.index[0]), str(totals.index[-1])
    turn = str((sign * totals).idxmin())
    words = ("fell", "rose") if sign > 0 else ("rose", "fell")
    if turn not in (first, last) and _moved(totals, first, turn) == -sign and _moved(totals, turn, last) == sign:
        return f"{words[0]} until {turn}, then {words[1]}"
    return f"{words[1]} from {first} to {last}" if _moved(totals, first, last) == sign else ""


def _moved(totals: pd.Series, before: str, after: str) -> int:
    """1 or -1 where one year's total is clearly above or below another's, else 0."""
    a, b = float(totals[before]), float(totals[after])
    clear = abs(b - a) >= MOVED_PERCENT / 100 * a and abs(b - a) > MOVED_ERRORS * (a + b) ** 0.5
    return 0 if not clear else 1 if b > a else -1


def describe_no_decomposition(key: str, name: str, missing: int, months: int) -> Finding:
    """Say why trend and season of a series are not drawn."""
    why = f"that needs most months, and we hold {months - missing} of {months} in full"
    return Finding(f"{key}_trend", f"We do not draw trend and season of {lower_first(name)}: {why}.")
