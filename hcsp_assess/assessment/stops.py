"""Stop and search: how often, why, what was found, and whether some groups of residents are searched more often."""

from dataclasses import dataclass

import pandas as pd

from hcsp_assess.subject.stops import (
    NO_FURTHER_ACTION,
    NOT_KNOWN,
    age_bands,
    ethnic_group,
    reference_groups,
    result_of,
    sex_of,
)
from hcsp_assess.trends.rates import CountComparison, Interval, compare_counts, rate, wilson_interval

VEHICLE = "Vehicle search"
#: Characteristic, the files' column of it, and the column of residents by group.
CHARACTERISTICS = {
    "Ethnicity as the officer saw it": ("officer_defined_ethnicity", "ethnicity"),
    "Ethnicity as the person said": ("self_defined_ethnicity", "ethnicity"),
    "Age": ("age_range", "age"),
    "Sex": ("gender", "sex"),
}
RESIDENT_COLUMNS = {"ethnicity": "ethnicity", "age": "age_band", "sex": "sex"}
METHOD = "rates: Poisson limits; ratio of two rates: exact, given both counts (Clopper and Pearson)"


@dataclass(frozen=True)
class Searches:
    """Searches of people in some months.

    Attributes
    ----------
    people, vehicles : int
        Searches of people (with or without a vehicle), and of vehicles alone, which are in nothing else here.
    months : int
        Months that files cover.
    rate : Interval
        Searches of people for each 1,000 residents a year.
    found : Interval or None
        Share in which the outcome was linked to what was looked for, of those where that is recorded; None where none.
    found_known : int
        Searches for which it is recorded.
    acted : Interval or None
        Share with a result other than "no further action", of those with a result.
    """

    people: int
    vehicles: int
    months: int
    rate: Interval
    found: Interval | None
    found_known: int
    acted: Interval | None


@dataclass(frozen=True)
class GroupRate:
    """Searches of a group of people, against the reference group.

    Attributes
    ----------
    residents : int or None
        Residents of the group; None where they are not given, and then there is neither rate nor ratio.
    rate : Interval or None
        For each 1,000 residents a year.
    ratio : CountComparison or None
        Rate over that of the reference group; None for the reference group itself.
    """

    characteristic: str
    group: str
    searches: int
    residents: int | None
    rate: Interval | None
    ratio: CountComparison | None


def people_searched(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of searches of people: without those of vehicles alone."""
    return cells[cells["type"] != VEHICLE]


def summarise_searches(cells: pd.DataFrame, residents: float, months: int) -> Searches:
    """Return how many searches there were, how often, and with what result.

    Parameters
    ----------
    cells : pandas.DataFrame
        Cells of a `StopTable`.
    residents : float
        Of the area.
    months : int
        Months that the cells cover.
    """
    people = people_searched(cells)
    total = int(people["count"].sum())
    known = people[people["outcome_linked"] != ""]
    results = people.groupby(people["outcome"].map(result_of))["count"].sum()
    decided = int(results.drop(NOT_KNOWN, errors="ignore").sum())
    found = int(known.loc[known["outcome_linked"] == "true", "count"].sum())
    return Searches(
        people=total,
        vehicles=int(cells["count"].sum()) - total,
        months=months,
        rate=rate(total, residents * months / 12),
        found=share(found, int(known["count"].sum())),
        found_known=int(known["count"].sum()),
        acted=share(decided - int(results.get(NO_FURTHER_ACTION, 0)), decided),
    )


def count_by(cells: pd.DataFrame, column: str) -> pd.Series:
    """Count searches of people by group: ethnic group, age range or sex; the groups in order, "Not known" last."""
    people = people_searched(cells)
    values = people[column].astype(str)
    if column.endswith("ethnicity"):
        groups = values.map(ethnic_group)
    elif column == "gender":
        groups = values.map(sex_of)
    else:
        groups = values.where(values.isin(list(age_bands())), NOT_KNOWN)
    counts = people.groupby(groups)["count"].sum()
    order = [*age_bands(), *sorted(name for name in counts.index if name not in age_bands() and name != NOT_KNOWN)]
    return counts.reindex([name for name in [*order, NOT_KNOWN] if name in counts.index]).astype("Int64")


def rates_of_groups(cells: pd.DataFrame, residents: pd.DataFrame, months: int) -> tuple[GroupRate, ...]:
    """Return how often each group was searched, and how often against the reference group.

    Parameters
    ----------
    residents : pandas.DataFrame
        As `sources.residents.read_residents` returns it; without rows there are counts alone.

    Notes
    -----
    Searches are counted where they happen and residents where they live: visitors are in one and not in the other. One
    person may be searched many times, so that the limits are too narrow. A ratio says that a group is searched more
    often, not why.
    """
    found = []
    for title, (column, characteristic) in CHARACTERISTICS.items():
        counts, people = count_by(cells, column), _people(residents, characteristic)
        reference = reference_groups()[characteristic]
        for group, count in counts.items():
            base = people.get(str(group))
            years = months / 12
            of_group = rate(int(count), base * years) if base else None
            ratio = None
            if base and people.get(reference) and group != reference and counts.get(reference, 0):
                ratio = compare_counts(
                    int(count), int(counts[reference]), exposure=base, exposure_before=people[reference]
                )
            found.append(GroupRate(title, str(group), int(count), base, of_group, ratio))
    return tuple(found)


def share(part: int, whole: int) -> Interval | None:
    """Return a share with its Wilson interval; None of nothing."""
    return wilson_interval(part, whole) if whole else None


def _people(residents: pd.DataFrame, characteristic: str) -> dict[str, int]:
    """Residents by group of the files; an age range is the sum of its bands, where all of them are given."""
    mine = residents[residents["column"] == RESIDENT_COLUMNS[characteristic]]
    given = {str(group): int(people) for group, people in zip(mine["group"], mine["residents"], strict=True)}
    if characteristic != "age":
        return given
    return {
        name: sum(given[band] for band in bands)
        for name, bands in age_bands().items()
        if all(band in given for band in bands)
    }
