"""Which changes between two years are unusual among all places, and which does a whole police force share?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm, t

from hcsp_assess.errors import InputError
from hcsp_assess.trends.multiplicity import CLEAR_LEVEL, adjust_p_values

#: Fewer offences than this in the two years together, and a change is not compared.
LEAST_OF_TWO = 60
#: A subject is compared where at least this many places, or forces, have enough offences.
LEAST_PLACES = 20
#: A force has a line of its own from this many partnerships.
LEAST_IN_FORCE = 3
#: Most partnerships of a force: at least this share of them.
MOST = 2 / 3
#: Share of z-scores pulled in at each end when the ordinary spread is measured.
WINSORISED = 0.1
#: A total is explained by parts that make up at least this share of its change.
EXPLAINED = 0.5
#: Degrees of freedom of a spread so measured, for each place less one: measured on 20,000 normal samples of 39 to 314.
EFFICIENCY = 0.7
METHOD = (
    "z-scores of log ratios with additive overdispersion (Spiegelhalter 2005; Spiegelhalter and others 2012), "
    "false discovery rate by Benjamini and Hochberg (1995)"
)


@dataclass(frozen=True)
class UnusualChanges:
    """Changes between two years, each compared with those of all other places.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each comparison: `place`, `force`, `subject`, `before`, `count`, `percent` (change), `common`
        (change of the middle place, in per cent), `z`, `p_value`, `adjusted` (false discovery rate), `within_force`
        (whether it is compared with its force, which moved as a whole, and not with all places), `unusual`, `shared`
        (whether it would be unusual among all places and follows its force).
    forces : pandas.DataFrame
        One row for each force and subject: `force`, `subject`, `places` (how many are compared), `alike` (how many of
        them moved with the force), `alone` (how many would be unusual by themselves), `before`, `count`, `percent`,
        `common`, `z`, `p_value`, `adjusted`, `unusual`.
    spread : pandas.DataFrame
        Indexed by subject: `places`, `centre` (log ratio of the middle place) and `between` (standard deviation between
        places on the log scale, beyond chance).
    left_out : int
        Comparisons left out because the counts are small.
    level : float
        The false discovery rate.
    method : str
        How it was worked out.
    """

    table: pd.DataFrame
    forces: pd.DataFrame
    spread: pd.DataFrame
    left_out: int
    level: float = CLEAR_LEVEL
    method: str = METHOD


def spread_beyond_chance(deviations: np.ndarray, errors: np.ndarray, *, winsorise: float = WINSORISED) -> float:
    """Return the standard deviation between places beyond chance, so that few outliers do not hide themselves.

    The value at which the mean square of the z-scores is what a normal distribution gives, with the lowest and highest
    tenth pulled in to the values beside them, in both.

    Parameters
    ----------
    deviations, errors : numpy.ndarray
        Deviation of each place from the middle, and its standard error by chance.
    winsorise : float
        Share pulled in at each end.

    Notes
    -----
    Additive overdispersion after winsorising as in Spiegelhalter (2005), Quality and Safety in Health Care 14, 347-351.
    That estimate is too small where no place is an outlier, because winsorising takes a third of the variance away;
    solving for the normal value (as Paule and Mandel 1982 solve without winsorising) corrects this.

    Examples
    --------
    >>> values = norm.ppf((np.arange(200) + 0.5) / 200)  # a perfect normal sample of standard deviation 1
    >>> round(spread_beyond_chance(0.5 * values, np.full(200, 0.3)), 2)  # 0.5 squared is 0.3 squared + 0.4 squared
    0.4
    """
    wanted = winsorised_mean_square(winsorise)

    def excess(variance: float) -> float:
        z = deviations / np.sqrt(errors**2 + variance)
        low, high = np.quantile(z, [winsorise, 1 - winsorise])
        return float((np.clip(z, low, high) ** 2).mean() - wanted)

    most = float(np.max(deviations**2)) / wanted + 1.0
    return float(np.sqrt(brentq(excess, 0.0, most))) if excess(0.0) > 0 else 0.0


def winsorised_mean_square(share: float = WINSORISED) -> float:
    """Return the mean square of a standard normal with a share at each end pulled in.

    Examples
    --------
    >>> round(winsorised_mean_square(0.1), 3), round(winsorised_mean_square(1e-9), 3)
    (0.679, 1.0)
    """
    end = float(norm.ppf(1 - share))
    return float(1 - 2 * share - 2 * end * norm.pdf(end) + 2 * share * end**2)


def find_unusual_changes(
    counts: pd.DataFrame,
    before: pd.DataFrame,
    forces: pd.Series,
    *,
    level: float = CLEAR_LEVEL,
    least: int = LEAST_OF_TWO,
) -> UnusualChanges:
    """Find changes between two years that are unusual among all places.

    For each subject: the log ratio of the two counts (each plus a half), less that of the middle place; its standard
    error by chance and by the ordinary spread between places; a two-sided p-value; and the false discovery rate over
    all comparisons of places and subjects. A force moved as a whole in a subject where most of its partnerships moved
    alike and either its middle partnership is unusual among forces, or at least half of them are unusual by themselves.
    Its partnerships are then compared with the force, and not with all places.

    Parameters
    ----------
    counts, before : pandas.DataFrame
        Counts of the later and the earlier year, by place (rows) and subject (columns); missing where not available.
    forces : pandas.Series
        Force of each place.
    level : float
        The false discovery rate, of places and of forces each.
    least : int
        Fewest offences of the two years together.

    Raises
    ------
    InputError
        If no place or subject is in both years, a place has no force, or no subject has enough places.

    Notes
    -----
    Misleads where the two years are counted differently: leave such subjects out. It says which change differs from
    others, never why, and never whether it is good. A subject that moved everywhere is not unusual anywhere.

    Examples
    --------
    >>> places = [f"P{number}" for number in range(40)]
    >>> before = pd.DataFrame({"theft": 1000 + 10 * np.arange(40)}, places)
    >>> counts = before + np.sin(np.arange(40))[:, None] * 40  # ordinary ups and downs
    >>> counts.loc["P7", "theft"] *= 2
    >>> found = find_unusual_changes(counts, before, pd.Series("a force", places))
    >>> found.table.loc[found.table["unusual"], "place"].tolist()
    ['P7']
    """
    places, subjects = counts.index.intersection(before.index), counts.columns.intersection(before.columns)
    if places.empty or subjects.empty:
        raise InputError("the two years have no place or no subject in common, so that no change can be compared")
    if lost := sorted(set(places) - set(forces.dropna().index)):
        raise InputError(f"{len(lost)} places, such as {lost[0]}, have no police force: add it")
    parts = [_pairs(counts.loc[places, name], before.loc[places, name], str(name), forces) for name in subjects]
    pairs = pd.concat(parts, ignore_index=True)
    enough = pairs["count"] + pairs["before"] >= least
    compared = pairs[enough].groupby("subject")["place"].transform("size").reindex(pairs.index) >= LEAST_PLACES
    table = pairs[enough & compared].reset_index(drop=True)
    left_out = len(pairs) - len(table)
    if table.empty:
        raise InputError(f"no subject has {LEAST_PLACES} places with {least} offences or more, so none is compared")
    table = _scored(table)
    first = table["adjusted"] <= level
    found = _forces(table, level)
    table = _within_forces(table, found)
    unusual = table["adjusted"] <= level
    table = table.assign(unusual=unusual, shared=first & table["within_force"] & ~unusual)
    shown = table.drop(columns=["deviation", "error", "between"])
    return UnusualChanges(shown, found, _spreads(table), left_out, level)


def without_explained_totals(changes: UnusualChanges, whole: str) -> UnusualChanges:
    """Return the same changes, without those of a total that its parts explain.

    A total is not unusual by itself where the parts that are listed for the same place or force make up at least half
    of what it changed beyond the middle place.

    Parameters
    ----------
    whole : str
        The subject that is the total of the others.

    Examples
    --------
    >>> places = [f"P{number}" for number in range(40)]
    >>> before = pd.DataFrame({"theft": 1000, "all": 3000}, places)
    >>> counts = before + np.sin(np.arange(40))[:, None] * 40
    >>> counts.loc["P7"] += 1500  # all of it is theft
    >>> found = find_unusual_changes(counts, before, pd.Series("a force", places))
    >>> found.table.loc[found.table["unusual"], "subject"].tolist()
    ['theft', 'all']
    >>> found = without_explained_totals(found, "all")
    >>> found.table.loc[found.table["unusual"], "subject"].tolist()
    ['theft']
    """
    table, forces = (_explained(part, by, whole) for part, by in ((changes.table, "place"), (changes.forces, "force")))
    return replace(changes, table=table, forces=forces)


def _explained(table: pd.DataFrame, by: str, whole: str) -> pd.DataFrame:
    if table.empty:
        return table
    beyond = table["count"] - table["before"] * (1 + table["common"] / 100)
    is_whole = table["subject"] == whole
    of_parts = beyond[table["unusual"] & ~is_whole].groupby(table[by]).sum()
    share = table[by].map(of_parts).fillna(0.0).astype(float) / beyond.where(beyond != 0)
    return table.assign(unusual=table["unusual"] & ~(is_whole & (share >= EXPLAINED)))


def _pairs(counts: pd.Series, before: pd.Series, subject: str, forces: pd.Series) -> pd.DataFrame:
    """Places that have both counts; a negative one, of records cancelled later, counts as nothing."""
    pair = pd.DataFrame({"before": before, "count": counts}).dropna().astype(float).clip(lower=0)
    pair.insert(0, "subject", subject)
    pair.insert(0, "force", forces.reindex(pair.index))
    return pair.rename_axis("place").reset_index()


def _scored(table: pd.DataFrame) -> pd.DataFrame:
    """Add deviations from the middle place, z-scores and p-values."""
    ratio = ((table["count"] + 0.5) / (table["before"] + 0.5)).map(np.log)
    error = (1 / (table["count"] + 0.5) + 1 / (table["before"] + 0.5)) ** 0.5
    centre = ratio.groupby(table["subject"]).transform("median")
    scored = table.assign(
        percent=100 * (table["count"] / table["before"].where(table["before"] > 0) - 1),
        common=100 * np.expm1(centre),
        deviation=ratio - centre,
        error=error,
        within_force=False,
    )
    return _with_p_values(scored.assign(between=_between(scored, scored["deviation"])), scored["deviation"])


def _between(table: pd.DataFrame, deviations: pd.Series) -> pd.Series:
    """The spread between places beyond chance, of each subject."""
    found = {
        name: spread_beyond_chance(deviations[rows].to_numpy(float), table.loc[rows, "error"].to_numpy(float))
        for name, rows in table.groupby("subject", sort=False).groups.items()
    }
    return table["subject"].map(found).astype(float)


def _with_p_values(table: pd.DataFrame, deviations: pd.Series) -> pd.DataFrame:
    """Add z-scores, and p-values by Student's t, because the spread that they allow for is itself measured."""
    z = deviations / (table["error"] ** 2 + table["between"] ** 2) ** 0.5
    measured_on = table.groupby("subject")["subject"].transform("size").to_numpy(float)
    freedom = np.maximum(EFFICIENCY * (measured_on - 1), 1.0)
    p_values = np.asarray(2 * t.sf(z.abs().fillna(0.0).to_numpy(float), freedom))
    return table.assign(z=z, p_value=p_values, adjusted=adjust_p_values(p_values, "benjamini-hochberg"))


def _forces(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """Each force and subject as one: the middle of its partnerships, among the middles of all forces."""
    alone = table["adjusted"] <= level
    grouped = table.assign(alone=alone, ordinary=_within(table)).groupby(["force", "subject"], sort=False)
    rows = [_force(str(force), str(subject), rows) for (force, subject), rows in grouped]
    found = pd.DataFrame([row for row in rows if row["places"] >= LEAST_IN_FORCE])
    if found.empty:
        return _no_forces()
    enough = found.groupby("subject")["force"].transform("size") >= LEAST_PLACES
    found = found.assign(deviation=found["middle"] - found.groupby("subject")["middle"].transform("median"))
    found = _with_p_values(found.assign(between=_between(found, found["deviation"])), found["deviation"])
    together = found["alike"] >= MOST * found["places"]
    many = (found["alone"] >= LEAST_IN_FORCE) & (found["alone"] >= found["places"] / 2)
    found = found.assign(unusual=together & ((found["adjusted"] <= level) & enough | many))
    return found[list(_no_forces().columns)].reset_index(drop=True)


def _within(table: pd.DataFrame) -> pd.Series:
    """The spread of partnerships about the middle of their force, by subject; missing where no force has enough."""
    by_force = table.groupby(["force", "subject"])["deviation"]
    number = by_force.transform("size")
    # about the middle of few, deviations are smaller than about a middle that is known
    within = (table["deviation"] - by_force.transform("median")) * np.sqrt(number / (number - 1).clip(lower=1))
    several = number >= LEAST_IN_FORCE
    spread = _between(table[several], within[several])
    return table["subject"].map(spread.groupby(table.loc[several, "subject"]).first()).astype(float)


def _no_forces() -> pd.DataFrame:
    texts = dict.fromkeys(("force", "subject"), "str")
    numbers = dict.fromkeys(("places", "alike", "alone"), "int64")
    figures = dict.fromkeys(("before", "count", "percent", "common", "z", "p_value", "adjusted", "middle"), "float64")
    kinds = {**texts, **numbers, **figures, "unusual": "bool"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def _force(force: str, subject: str, rows: pd.DataFrame) -> dict[str, Any]:
    deviations = rows["deviation"].to_numpy(float)
    middle = float(np.median(deviations))
    way = np.sign(middle)
    variance = float((rows["error"] ** 2 + rows["ordinary"] ** 2).mean())
    before, count = float(rows["before"].sum()), float(rows["count"].sum())
    return {
        "force": force,
        "subject": subject,
        "places": len(rows),
        "alike": int((way * deviations >= abs(middle) / 2).sum()),
        "alone": int((rows["alone"] & (np.sign(deviations) == way)).sum()),
        "before": before,
        "count": count,
        "percent": 100 * (count / before - 1) if before else float("nan"),
        "common": float(rows["common"].iloc[0]),
        "middle": middle,
        "error": float(np.sqrt(np.pi / 2 * variance / len(rows))),
    }


def _within_forces(table: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Compare the partnerships of a force that moved as a whole with the middle of that force."""
    moved = found.loc[found["unusual"], ["force", "subject"]]
    if moved.empty:
        return table
    keys = pd.MultiIndex.from_frame(moved)
    inside = pd.MultiIndex.from_frame(table[["force", "subject"]]).isin(keys)
    middle = table.groupby(["force", "subject"])["deviation"].transform("median")
    between = table["between"].where(~inside, _within(table))
    compared = table["deviation"] - middle.where(inside, 0.0)
    return _with_p_values(table.assign(between=between, within_force=inside), compared)


def _spreads(table: pd.DataFrame) -> pd.DataFrame:
    grouped = table[~table["within_force"]].groupby("subject", sort=False)
    return pd.DataFrame(
        {
            "places": table.groupby("subject", sort=False)["place"].size(),
            "centre": np.log1p(grouped["common"].first() / 100),
            "between": grouped["between"].first(),
        }
    )
