"""What is said of incomplete months, of forces left out, and of records without a location."""

from collections.abc import Sequence

import pandas as pd

from hcsp_assess.assessment.wording.words import listed

PAST = "%B %Y"


def say_months(months: Sequence[pd.Period]) -> str:
    """Months in words, those in a row as a span.

    Examples
    --------
    >>> say_months(pd.period_range("2025-02", "2025-12", freq="M"))
    'February to December 2025'
    >>> say_months([pd.Period("2024-12", "M"), pd.Period("2025-01", "M"), pd.Period("2025-03", "M")])
    'December 2024 to January 2025 and March 2025'
    """
    spans: list[list[pd.Period]] = []
    for month in sorted(months):
        if spans and month == spans[-1][-1] + 1:
            spans[-1].append(month)
        else:
            spans.append([month])
    return listed([_say_span(span[0], span[-1]) for span in spans])


def _say_span(first: pd.Period, last: pd.Period) -> str:
    if first == last:
        return str(first.strftime(PAST))
    start = first.strftime("%B") if first.year == last.year else first.strftime(PAST)
    return f"{start} to {last.strftime(PAST)}"


def say_left_out(names: Sequence[str], months: Sequence[pd.Period], *, compared: bool) -> str:
    """Say that files of forces other than the area's own are missing, and what follows.

    Examples
    --------
    >>> say_left_out(["Transport police"], pd.period_range("2025-02", "2025-12", freq="M"), compared=True)
    'Transport police files are missing for February to December 2025, so their records are left out on both sides.'
    """
    where = "left out on both sides" if compared else "left out"
    return f"{listed(list(names))} files are missing for {say_months(months)}, so their records are {where}."


def say_incomplete(force: str, months: Sequence[pd.Period], shares: Sequence[float]) -> str:
    """Say that files of the area's own force are incomplete, and that their months are not compared.

    Examples
    --------
    >>> say_incomplete("Gwent", [pd.Period("2024-05", "M")], [0.08])
    'The Gwent file for May 2024 is incomplete (8% of the usual records), so that month is not counted or compared.'
    """
    known = sorted(round(100 * share) for share in shares if share == share and share < 1)  # NaN is not itself
    range_ = "" if not known else f"{known[0]}%" if known[0] == known[-1] else f"{known[0]}% to {known[-1]}%"
    part = f" ({range_} of the usual records)" if range_ else ""
    one = len(months) == 1
    files, are, those = ("file", "is", "that month is") if one else ("files", "are", "those months are")
    return f"The {force} {files} for {say_months(months)} {are} incomplete{part}, so {those} not counted or compared."


def say_no_location(percent: float, percent_before: float, change: float, change_with: float) -> str:
    """Say that the share of records without a location could change a comparison.

    Examples
    --------
    >>> say_no_location(9.0, 2.0, -6.0, 1.2).split(": ")[1]
    "with the area's likely share of them, the change would be 1% up instead of 6% down."
    """
    moved = "rose" if percent > percent_before else "fell"
    return (
        f"Records without a location {moved} from {percent_before:.0f}% to {percent:.0f}% of all the force recorded: "
        f"with the area's likely share of them, the change would be {_way(change_with)} instead of {_way(change)}."
    )


def _way(change: float) -> str:
    return f"{abs(change):.0f}% {'up' if change > 0 else 'down'}"
