"""Where do counts of many places break off: missing, zero, repeated, negative, unlike their sum, or a jump?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import poisson

from hcsp_assess.places.unusual_changes import LEAST_PLACES, spread_beyond_chance

Kind = Literal["not available", "zero", "negative", "repeated", "not the sum", "jump"]
#: A count of zero is listed where at least this many are usual.
USUALLY = 20
#: A jump is listed from this many times, or to this fraction, with at least `LEAST_IN_JUMP` offences in one of the two,
#: and this many standard errors beyond the middle place: luck gives one in 70 tables of 25,000 comparisons.
JUMP, LEAST_IN_JUMP, JUMP_ERRORS = 3.0, 50, 5.0
#: Repeats are listed that luck would give in fewer than one of a hundred tables; counts below 10 repeat often.
RARE, LEAST_REPEATED = 0.01, 10
#: A figure is missing where at least this share of places has it.
OTHERS_HAVE = 0.9
#: A force has one line for its partnerships where at least this many, and this share of them, have the same break.
LEAST_IN_FORCE, MOST = 3, 2 / 3
COLUMNS = ("place", "subject", "kind", "period", "before", "count", "places")
QUARTERS_IN_YEAR = 4


def find_breaks_in_years(
    counts: pd.DataFrame, before: pd.DataFrame, parts: Mapping[str, Sequence[str]], *, names: tuple[str, str] = ("", "")
) -> pd.DataFrame:
    """Find breaks in the counts of two years.

    Parameters
    ----------
    counts, before : pandas.DataFrame
        Counts of the later and the earlier year, by place (rows) and subject (columns); missing where not available.
    parts : mapping of str to sequence of str
        Subjects that add up to another one.
    names : (str, str)
        The later and the earlier year in words.

    Returns
    -------
    pandas.DataFrame
        A row for each break: `place`; `subject` ("" for all); `kind` ("not available": the place has no figure and most
        others have; "zero": none where at least 20 are usual; "negative"; "repeated": the same counts in both years, in
        more subjects than luck explains; "not the sum": unlike the sum of its parts); `period`; `before` (usual count,
        sum of the parts, or how many subjects repeat); `count`; `places` (1).

    Examples
    --------
    >>> before = pd.DataFrame({"theft": [50, 60], "robbery": [5, 6]}, ["A", "B"])
    >>> counts = pd.DataFrame({"theft": [55, 0], "robbery": [0, 7]}, ["A", "B"])
    >>> find_breaks_in_years(counts, before, {}, names=("2025", "2024"))[["place", "subject", "kind", "before"]]
      place subject  kind  before
    0     B   theft  zero    60.0
    """
    later, earlier = names
    found: list[tuple[Any, ...]] = []
    for table, other, name in ((counts, before, later), (before, counts, earlier)):
        mine = table.astype(float)
        usual = other.reindex(index=table.index, columns=table.columns).astype(float)
        found += _cells("not available", mine.isna() & (mine.notna().mean() >= OTHERS_HAVE), name, usual, mine)
        found += _cells("zero", (mine == 0) & (usual >= USUALLY), name, usual, mine)
        found += _cells("negative", mine < 0, name, usual, mine)
        for subject, inner in parts.items():
            total = mine[list(inner)].sum(axis=1, skipna=False).to_frame(subject)
            wrong = (mine[[subject]] != total) & mine[[subject]].notna() & total.notna()
            found += _cells("not the sum", wrong, name, total, mine)
    return _breaks([*found, *_repeated_years(counts, before, later)])


def _cells(kind: Kind, where: pd.DataFrame, name: str, usual: pd.DataFrame, counts: pd.DataFrame) -> list[Any]:
    """A row for each cell that has a break."""
    places, subjects = np.nonzero(where.to_numpy(bool))
    keys = [(where.index[i], where.columns[j]) for i, j in zip(places.tolist(), subjects.tolist(), strict=True)]
    return [(*key, kind, name, usual.loc[key], counts.loc[key]) for key in keys]


def _repeated_years(counts: pd.DataFrame, before: pd.DataFrame, name: str) -> list[tuple[Any, ...]]:
    """Places that have the same counts in both years in more subjects than luck explains."""
    both = counts.index.intersection(before.index)
    now, then = counts.loc[both].astype(float), before.loc[both, counts.columns].astype(float)
    enough = (now >= LEAST_REPEATED) & (then >= LEAST_REPEATED)
    same = ((now == then) & enough).sum(axis=1)
    expected = np.where(enough, _chance_of_repeat(now.to_numpy()), 0.0).sum(axis=1)
    rare = (len(both) * poisson.sf(same - 1, expected) < RARE) & (same > 1)
    return [(place, "", "repeated", name, same[place], None) for place in both[rare]]


def _chance_of_repeat(counts: Any) -> Any:
    """The chance that a second count is the same: two Poisson counts; counts that vary more repeat less often."""
    return 1 / np.sqrt(4 * np.pi * np.maximum(np.nan_to_num(counts), 1.0))


def find_breaks_in_quarters(quarters: pd.DataFrame) -> pd.DataFrame:
    """Find breaks in counts by quarter.

    Parameters
    ----------
    quarters : pandas.DataFrame
        Counts by place and subject (rows, a MultiIndex of these names) and quarter (columns, in order of time, each
        following the one before); 0 where a place has no row and others have.

    Returns
    -------
    pandas.DataFrame
        As `find_breaks_in_years`, with the quarter as `period`: "not available" where a place has nothing in a quarter,
        "zero" where at least 20 are usual in its other quarters, "negative", "repeated" (the last quarter of a run of
        the same count, `before` says how many) and "jump": at least three times, or at most a third, of the same
        quarter a year before, beyond what the middle place did, in the last four quarters, from 50 offences,
        and further than places usually differ.

    Examples
    --------
    >>> rows = pd.MultiIndex.from_tuples([("A", "theft"), ("B", "theft")], names=["place", "subject"])
    >>> quarters = pd.DataFrame([[50, 55, 48, 52], [90, 85, 0, 95]], rows, ["Q1", "Q2", "Q3", "Q4"])
    >>> find_breaks_in_quarters(quarters)[["place", "subject", "kind", "period", "before"]]
      place subject           kind period  before
    0     B          not available     Q3    90.0
    """
    values = quarters.astype(float)
    totals = values.groupby(level="place").sum()
    empty = totals[(totals == 0).any(axis=1) & (totals.mean(axis=1) >= USUALLY)]
    found: list[tuple[Any, ...]] = [
        (place, "", "not available", str(quarter), round(float(row.drop(quarter).mean())), 0)
        for place, row in empty.iterrows()
        for quarter in row.index[row == 0]
    ]
    gone = {(row[0], row[3]) for row in found}
    others = (-values.sub(values.sum(axis=1), axis=0) / max(values.shape[1] - 1, 1)).round()
    for kind, where in (("zero", (values == 0) & (others >= USUALLY)), ("negative", values < 0)):
        rows, columns = np.nonzero(where.to_numpy())
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            (place, subject), period = values.index[row], str(values.columns[column])
            if (place, period) not in gone:
                found.append((place, subject, kind, period, others.iloc[row, column], values.iloc[row, column]))
    return _breaks([*found, *_repeated_quarters(values), *_jumps(values)])


def _repeated_quarters(quarters: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Runs of the same count that luck would hardly give in any of all places and subjects."""
    found: list[tuple[Any, ...]] = []
    for key, row in zip(quarters.index, quarters.to_numpy(), strict=True):
        runs = np.split(row, np.flatnonzero(np.diff(row)) + 1)
        ends = np.cumsum([len(run) for run in runs]) - 1
        for run, end in zip(runs, ends.tolist(), strict=True):
            chance = float(_chance_of_repeat(run[0])) ** (len(run) - 1)
            if len(run) > 2 and run[0] >= LEAST_REPEATED and chance * quarters.size < RARE:
                found.append((*key, "repeated", str(quarters.columns[end]), len(run), run[0]))
    return found


def _jumps(quarters: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The first quarter of the last four whose count is many times, or a small part of, that of a year before."""
    last = quarters.shape[1]
    first = max(QUARTERS_IN_YEAR, last - QUARTERS_IN_YEAR)
    now = quarters.iloc[:, first:last].clip(lower=0)
    then = (
        quarters.iloc[:, first - QUARTERS_IN_YEAR : last - QUARTERS_IN_YEAR].clip(lower=0).set_axis(now.columns, axis=1)
    )
    comparable = (now > 0) & (then > 0) & ((now >= LEAST_IN_JUMP) | (then >= LEAST_IN_JUMP))
    ratio = ((now + 0.5) / (then + 0.5)).map(np.log).where(comparable)
    beyond = ratio - ratio.groupby(level="subject").transform("median")
    errors = ((1 / (now + 0.5) + 1 / (then + 0.5)) ** 0.5).where(comparable)
    ordinary = _spread(beyond, errors).reindex(beyond.index.get_level_values("subject")).to_numpy()
    far = beyond.abs() >= JUMP_ERRORS * ((errors**2).add(ordinary**2, axis=0)) ** 0.5
    jumps = (beyond.abs() >= np.log(JUMP)) & far
    found = []
    for key, row in jumps[jumps.any(axis=1)].iterrows():
        quarter = row.index[int(np.argmax(row.to_numpy()))]
        place, subject = key
        found.append((place, subject, "jump", str(quarter), then.loc[key, quarter], now.loc[key, quarter]))
    return found


def _spread(beyond: pd.DataFrame, errors: pd.DataFrame) -> pd.Series:
    """The ordinary spread of each subject's changes between places, over all quarters; 0 where hardly any compare."""
    found = {}
    for subject, rows in beyond.groupby(level="subject"):
        values, chance = rows.to_numpy(float).ravel(), errors.loc[rows.index].to_numpy(float).ravel()
        use = np.isfinite(values)
        found[subject] = spread_beyond_chance(values[use], chance[use]) if use.sum() >= LEAST_PLACES else 0.0
    return pd.Series(found)


def fold_by_force(breaks: pd.DataFrame, forces: pd.Series) -> pd.DataFrame:
    """Put the same break in most partnerships of a force into one row, of the force.

    Parameters
    ----------
    breaks : pandas.DataFrame
        As `find_breaks_in_years` returns it.
    forces : pandas.Series
        Force of each place.

    Returns
    -------
    pandas.DataFrame
        The same columns and `force`. A row of a force has "" as `place`, sums of the counts, and `places`: how many
        partnerships it has in that row.

    Examples
    --------
    >>> forces = pd.Series("Kent", ["A", "B", "C", "D"])
    >>> zero = {"subject": "theft", "kind": "zero", "period": "Q3", "before": 30.0, "count": 0.0, "places": 1}
    >>> breaks = pd.DataFrame([{"place": place, **zero} for place in "ABC"])
    >>> fold_by_force(breaks, forces)[["force", "before", "places"]]
      force  before  places
    0  Kent    90.0       3
    """
    with_force = breaks.assign(force=breaks["place"].map(forces))
    if breaks.empty:
        return with_force
    by = ["force", "subject", "kind", "period"]
    number = with_force.groupby(by)["place"].transform("nunique")
    whole = with_force["force"].map(forces.value_counts())
    together = (number >= LEAST_IN_FORCE) & (number >= MOST * whole)
    rows = with_force[together].groupby(by, sort=False, as_index=False)
    folded = rows.agg(before=("before", "sum"), count=("count", "sum"), places=("place", "nunique")).assign(place="")
    return pd.concat([folded[list(with_force.columns)], with_force[~together]], ignore_index=True)


def _breaks(found: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    table = pd.DataFrame([(*row, 1) for row in found], columns=list(COLUMNS))
    return table.astype({"before": "Float64", "count": "Float64", "places": "int64"})
