"""What is said of incomplete months, of forces left out, and of records without a location."""

from collections.abc import Mapping, Sequence

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import listed, say_percent
from hcsp_assess.periods import Span

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


def describe_held(
    year: tuple[int, int], span: Span, every: tuple[int, int], first: pd.Period, never: int, *, simulated: bool = False
) -> Finding:
    """Say how many months of the home force's files are held: of the year assessed, and of all years.

    Parameters
    ----------
    year, every : tuple of int
        Months held and months that there are: of the period assessed, and since `first`.
    span : Span
        The period assessed.
    never : int
        Months that were never published, of those not held.
    simulated : bool
        Whether the records are simulated, so that there are no others to add.
    """
    (held, months), (in_all, of) = year, every
    missing = of - in_all - never
    evidence = {
        "held": held, "months": months, "every": in_all, "of": of, "not_held": missing, "never": never,
        "year_first": span.first.year, "year_last": span.last.year, "since": first.year,
    }  # fmt: skip
    which = f"all {months} months" if held == months else f"{held} of the {months} months"
    sentence = f"We hold {which} of {span.name}, and {in_all} of the {of} months since {first.strftime('%B %Y')}."
    said = []
    if missing and not simulated:
        said.append(f"The other {missing} are published, or thought to be, and can be added.")
    if never:
        said.append(f"The police force never published {never}.")
    return Finding("data_held", " ".join([sentence, *said]), evidence, message=sentence)


def describe_rows(received: int, duplicates: int, set_aside: int) -> Finding:
    """Say what became of the records received."""
    left_out = f"{duplicates:,} {'was' if duplicates == 1 else 'were'} left out as duplicates"
    rest = f"{set_aside:,} could not be used" if set_aside else "all others could be used"
    sentence = f"Of {received:,} police records received, {left_out} and {rest}."
    return Finding("data_rows", sentence, {"received": received, "duplicates": duplicates, "set_aside": set_aside})


def describe_no_location(percent: float, by_year: Mapping[str, float]) -> Finding:
    """Say which share of the force's records has no location, and how that changed.

    Parameters
    ----------
    percent : float
        Of all records of the force.
    by_year : mapping of str to float
        By calendar year, in order.
    """
    evidence: dict[str, object] = {"percent": percent}
    sentence = f"{say_percent(percent)} of the force's records have no location, so they are in no local count."
    years = list(by_year)
    if len(years) > 1 and f"{by_year[years[0]]:.1f}" != f"{by_year[years[-1]]:.1f}":
        first, last = years[0], years[-1]
        evidence |= {"first": by_year[first], "last": by_year[last], "year_first": int(first), "year_last": int(last)}
        moved = "rose" if by_year[last] > by_year[first] else "fell"
        sentence += f" The share {moved} from {by_year[first]:.1f}% in {first} to {by_year[last]:.1f}% in {last}."
    caveat = "A share that grows can look like a fall in local crime."
    return Finding("data_no_location", sentence, evidence, caveats=(caveat,))


def describe_left_out(notes: Sequence[str]) -> tuple[Finding, ...]:
    """Say which files are incomplete or left out, a finding for each note."""
    return tuple(Finding(f"data_left_out_{number}", note) for number, note in enumerate(notes))


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
