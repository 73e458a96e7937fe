"""How has a hotspot changed over time? Persistent, emerging, fading or sporadic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.trends.small_tables import facts_table

Class = Literal["persistent", "emerging", "fading", "sporadic", "never"]

#: What each class means, in words and formally. h is 1 in the periods in which the place was a hotspot; the newer half
#: holds the middle period when their number is odd; periods without data are left out.
CLASSES: dict[Class, str] = {
    "persistent": (
        "A hotspot in the newest period and nearly always. Formally: h = 1 in the newest period and in at least three "
        "quarters of all periods."
    ),
    "emerging": (
        "A hotspot in the newest period, and more often lately than before. Formally: not persistent, h = 1 in the "
        "newest period, and the share of periods with h = 1 is higher in the newer half than in the older half."
    ),
    "fading": (
        "No longer a hotspot, after having been one for much of the time. Formally: h = 0 in the newest period, h = 1 "
        "in at least half of the older half, and in a lower share of the newer half."
    ),
    "sporadic": "A hotspot now and then. Formally: h = 1 in at least one period, and none of the above holds.",
    "never": "Not a hotspot in any period. Formally: h = 0 throughout.",
}
LEAST_PERIODS = 3


@dataclass(frozen=True)
class HotspotHistory:
    """Places classed by when they were hotspots.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per place: `class`, `periods_hot`, `last_hot` (name of the period, "" if never).
    periods : tuple of str
        The periods used, oldest first.
    left_out : tuple of str
        Periods without data.
    """

    table: pd.DataFrame
    periods: tuple[str, ...]
    left_out: tuple[str, ...]
    method: str

    def _repr_html_(self) -> str:
        classes = self.table["class"].value_counts()
        facts: dict[str, object] = {f"Places {name}": int(classes.get(name, 0)) for name in CLASSES}
        return facts_table("Hotspots over time", facts | {"Periods": ", ".join(self.periods)})


def classify_hotspots(hot: pd.DataFrame) -> HotspotHistory:
    """Class places by when they were hotspots; see `CLASSES` for what each class means.

    Parameters
    ----------
    hot : pandas.DataFrame
        True where a place (row) was a hotspot in a period (column, oldest first); a column that is missing throughout
        is a period without data.

    Raises
    ------
    InputError
        If fewer than three periods have data, or a period has data for some places only.

    Notes
    -----
    After the emerging hotspot classes of space-time pattern mining, with fewer classes so that each can be said in one
    sentence. Periods of different length, or with few records, differ in how easily a place is flagged.

    Examples
    --------
    >>> hot = pd.DataFrame({"2022": [1, 0, 1, 0], "2023": [1, 0, 0, 0], "2024": [1, 1, 0, 0]}, index=list("ABCD"))
    >>> classify_hotspots(hot).table["class"].to_dict()
    {'A': 'persistent', 'B': 'emerging', 'C': 'fading', 'D': 'never'}
    """
    empty = hot.columns[hot.isna().all()]
    used = hot.drop(columns=empty)
    partly = used.columns[used.isna().any()]
    if len(partly):
        raise InputError(f"period {partly[0]} has data for only some places: give True or False for each place")
    if used.shape[1] < LEAST_PERIODS:
        raise InputError(
            f"{used.shape[1]} periods have data, and at least {LEAST_PERIODS} are needed to describe change over time"
        )
    flags = used.astype(bool)
    half = flags.shape[1] // 2
    older, newer = flags.iloc[:, :half].mean(axis=1), flags.iloc[:, half:].mean(axis=1)
    share = flags.mean(axis=1)
    now = flags.iloc[:, -1]
    rules = {
        "persistent": now & (share >= 0.75),
        "emerging": now & (newer > older),
        "fading": ~now & (older >= 0.5) & (newer < older),
        "sporadic": share > 0,
    }
    classes = pd.Series("never", index=hot.index)
    for name, holds in reversed(rules.items()):
        classes = classes.mask(holds, name)
    last = flags.apply(lambda row: str(row[row].index[-1]) if row.any() else "", axis=1)
    return HotspotHistory(
        table=pd.DataFrame({"class": classes, "periods_hot": flags.sum(axis=1), "last_hot": last}),
        periods=tuple(map(str, used.columns)),
        left_out=tuple(map(str, empty)),
        method=f"classes over {used.shape[1]} periods: persistent, emerging, fading, sporadic, never",
    )
