"""Is a street file incomplete? One stated rule, applied to every force and month."""

import numpy as np
import pandas as pd
from scipy.stats import poisson

from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR
from hcsp_assess.subject.never_published import malformed
from hcsp_assess.subject.recording_changes import lockdowns

NEAREST = 12  # other months of the force that a month is compared with: the nearest in time, whatever comes between
USUAL = 0.75  # the quantile of their daily rows that is called usual: holds while up to three quarters are incomplete
LOW = 0.5  # share of the usual rows, or of the usual crimes, below which a file is looked at
DROP, OF_NEIGHBOURS = 0.6, 0.7  # or of the rows, where it is under the second share of the four months nearest to it
NEIGHBOURS = 4
CERTAIN = 0.15  # below this share no event explains a month
IN_LOCKDOWN = 0.25  # the same in a lockdown where types cannot be compared
TROUGH, NO_CHANCE = 0.65, 0.001  # a low season and a falling trend leave the first share; fewer must not be chance
STILL_MANY, COMMON, ENOUGH = 0.9, 0.05, 20  # of a type that did not fall: share of usual, of all crimes, rows expected
LOST = 0.5  # share of a file's rows that were set aside, from which the file is not a whole month
CUT, FEW, ASIDE = "last line cut short", "far fewer rows than usual", "many rows set aside"
UNUSABLE, QUIET = "malformed as published", "unusually low"
COLUMNS = ("force", "month", "rows", "usual", "share", "reason")


def months_held(account: pd.DataFrame, force: str) -> pd.PeriodIndex:
    """Return the months for which a file of a force was received with records in it, complete or not.

    Parameters
    ----------
    account : pandas.DataFrame
        One row for each file, with `month`, `force` and `rows_in`, as in `CountTable.account`.
    force : str
        Name of the force as in its files, such as "west-mercia".
    """
    mine = account[(account["force"] == force) & (account["rows_in"] > 0)]
    return pd.PeriodIndex(sorted(mine["month"].unique()), freq="M")


def judge_files(account: pd.DataFrame, cells: pd.DataFrame | None = None) -> pd.DataFrame:
    """Compare each file with its force's usual number of rows.

    A file is incomplete if its last line is cut short, or if it is on the reviewed list of malformed files, or if half
    or more of its rows were set aside, or if it holds few usable rows for its days. What is usual is the upper quartile
    of the 12 months of the force that are nearest in time. Few is under half of the usual rows or of the usual recorded
    crimes; or under 60% of the usual rows, where that is also under 70% of the four months nearest to it, as no season
    or trend makes it.

    An event differs from a loss by its types: when part of a file is missing, every type falls; in a lockdown thefts
    fall and drugs offences do not. So where a common type is at its usual level, and more than 15% of the rows are
    there, the month is kept and called unusually low. Where the counts are too few to compare types, a national
    lockdown excuses a month with more than 25% of its rows.

    Parameters
    ----------
    account : pandas.DataFrame
        One row a file, as `CountTable.account`.
    cells : pandas.DataFrame, optional
        Counts by `month`, `force` and `crime_type`, as `CountTable.cells`; without them types cannot be compared.

    Returns
    -------
    pandas.DataFrame
        One row for each force and month: `force`, `month`, `rows` (usable), `usual` (rows usual in a month of that
        length; NA without another month), `share` (rows / usual) and `reason` ("" for a complete file).

    Notes
    -----
    It misleads where more than three quarters of the nearest months are incomplete in the same way, and cannot see a
    loss of less than two fifths. Thresholds were measured on 1,865 months of 43 forces; see docs/coverage.md.
    """
    rows = _rows(account)
    types = None if cells is None else _types(cells)
    parts = [_judge_force(str(force), mine.droplevel("force"), types) for force, mine in rows.groupby(level="force")]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def _rows(account: pd.DataFrame) -> pd.DataFrame:
    """Usable rows, crimes among them, and whether the last line was cut, by force and month."""
    known = account.assign(
        rows=account["rows_in"] - _column(account, "quarantined"),
        crimes=account["rows_in"] - _column(account, "quarantined") - _column(account, "anti_social_behaviour"),
        cut=account["last_line"].notna() & (account["last_line"] != "") if "last_line" in account else False,
        lost=_column(account, "quarantined") >= LOST * account["rows_in"],
    )
    known = known[known["rows"] > 0]
    return known.groupby(["force", "month"]).agg(
        rows=("rows", "sum"), crimes=("crimes", "sum"), cut=("cut", "any"), lost=("lost", "any")
    )


def _column(account: pd.DataFrame, name: str) -> "pd.Series[int] | int":
    return account[name].fillna(0) if name in account else 0


def _types(cells: pd.DataFrame) -> pd.DataFrame:
    crimes = cells[cells["crime_type"] != ANTI_SOCIAL_BEHAVIOUR]
    return crimes.pivot_table(
        index=["force", "month"], columns="crime_type", values="count", aggfunc="sum", fill_value=0
    ).astype(float)


def _judge_force(force: str, mine: pd.DataFrame, types: pd.DataFrame | None) -> pd.DataFrame:
    months = pd.PeriodIndex(mine.index, freq="M")
    days = months.days_in_month.to_numpy()
    rates = mine[["rows", "crimes"]].to_numpy(dtype=float) / days[:, None]
    usual = np.array([_usual(rates, months, position) for position in range(len(months))]) * days[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = mine[["rows", "crimes"]].to_numpy(dtype=float) / usual
    beside = np.array([_beside(rates[:, 0], months, position) for position in range(len(months))])
    sudden = (shares[:, 0] < DROP) & (rates[:, 0] < OF_NEIGHBOURS * beside)
    improbable = _improbable(mine, usual)
    few = ((shares < LOW) & improbable).any(axis=1) | (sudden & improbable[:, 0])
    reasons = [""] * len(months)
    for position, month in enumerate(months):
        if malformed(force, month):
            reasons[position] = UNUSABLE
        elif mine["cut"].iloc[position]:
            reasons[position] = CUT
        elif few[position]:
            here = _near(months[~few], month)
            known = None if types is None else _of_force(types, force)
            reasons[position] = QUIET if _is_event(month, float(shares[position].min()), here, known) else FEW
        if mine["lost"].iloc[position] and reasons[position] in ("", QUIET):
            reasons[position] = ASIDE
    rows = mine["rows"].to_numpy("int64")
    columns = (force, months, rows, usual[:, 0], shares[:, 0], reasons)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def _usual(rates: np.ndarray, months: pd.PeriodIndex, position: int) -> np.ndarray:
    """Rows and crimes a day that are usual about a month, from the nearest other months of the force."""
    nearest = _nearest(months, position, NEAREST)
    return np.quantile(rates[nearest], USUAL, axis=0) if len(nearest) else np.full(rates.shape[1], np.nan)


def _beside(rates: np.ndarray, months: pd.PeriodIndex, position: int) -> float:
    """Rows a day in the months beside a month."""
    nearest = _nearest(months, position, NEIGHBOURS)
    return float(np.median(rates[nearest])) if len(nearest) else np.nan


def _nearest(months: pd.PeriodIndex, position: int, number: int) -> np.ndarray:
    distance = np.abs(months.asi8 - months.asi8[position]).astype(float)
    distance[position] = np.inf
    return np.argsort(distance, kind="stable")[: min(number, len(months) - 1)]


def _improbable(mine: pd.DataFrame, usual: np.ndarray) -> np.ndarray:
    """Whether so few rows would rarely occur by chance: small forces have months with few rows."""
    seen = mine[["rows", "crimes"]].to_numpy()
    result: np.ndarray = poisson.cdf(seen, TROUGH * np.nan_to_num(usual)) < NO_CHANCE
    return result


def _near(months: pd.PeriodIndex, month: pd.Period) -> list[pd.Period]:
    return sorted(months, key=lambda other: (abs((other - month).n), other))[:NEAREST]


def _of_force(types: pd.DataFrame, force: str) -> pd.DataFrame:
    return types[types.index.get_level_values("force") == force].droplevel("force")


def _is_event(month: pd.Period, share: float, ordinary: list[pd.Period], types: pd.DataFrame | None) -> bool:
    """Whether few rows are a real fall, not missing data: a lockdown, or a common type at its usual level."""
    if share < CERTAIN:
        return False
    known = types is not None and month in types.index
    usual = types.reindex(ordinary).dropna().mean() if known and types is not None else pd.Series(dtype=float)
    common = usual[(usual >= ENOUGH) & (usual >= COMMON * usual.sum())]
    if types is None or common.empty:  # types cannot say; a lockdown may
        return share >= IN_LOCKDOWN and bool(lockdowns(month, month))
    here = types[types.index == month].sum()
    seen = here[common.index]
    if_lost = common * here.sum() / usual.sum()
    kept = (seen >= STILL_MANY * common) & (poisson.sf(seen - 1, if_lost) < NO_CHANCE)
    return bool(kept.any())
