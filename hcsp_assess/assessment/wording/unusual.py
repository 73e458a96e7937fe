"""Which of the latest months were unusual, by a control chart or by their season; or why we cannot say."""

from typing import Any

import numpy as np
import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.trend_words import NUMBERS, rose
from hcsp_assess.assessment.wording.words import is_many, listed, lower_first, upper_first
from hcsp_assess.trends.exceedance import Exceedances
from hcsp_assess.trends.verdicts import Trend

NAMED = 3  # months that a title names
#: What is printed under a control chart.
HOW_TO_READ_LIMITS = (
    "Months between the dashed lines vary as this series usually does. The limits assume that the series has no trend "
    "and that one month says little about the next. Where that does not hold, they mark too many months. A month "
    "outside them is worth asking about, and is no proof by itself."
)


def say_unusual(points: pd.DataFrame, name: str) -> str:
    """Say which months of a control chart were unusual, at most three by name, or that none was.

    Parameters
    ----------
    points : pandas.DataFrame
        Of a `ControlChart`: a row for each month that is shown.
    """
    what, verb = upper_first(name), "were" if is_many(name) else "was"
    points = points[points["value"].notna()]
    outside = points[points["outside"]]
    if len(outside):
        return f"{what} {verb} {_high_and_low(outside)}"
    for rule, words in (("run", "stayed {way} average"), ("trend", "moved the same way each month")):
        if points[rule].any():
            last = _last_stretch(points, rule)
            way = "above" if float(last["value"].mean()) > float(last["centre"].mean()) else "below"
            return f"{what} {words.format(way=way)} from {_named(last.index[0])} to {_named(last.index[-1])}"
    near = points[points["two of three"]].tail(2)
    if len(near):
        side = "upper" if float(near["value"].iloc[-1]) > float(near["centre"].iloc[-1]) else "lower"
        return f"{what} {verb} close to the {side} limit in {listed([_named(month) for month in near.index])}"
    return f"No month of the last {len(points)} was unusual for {lower_first(name)}"


def moves(trend: Trend) -> bool:
    """Whether a series rises, falls, or has clearly changed in the last 12 months: one average does not describe it."""
    latest = trend.last_12_months
    changed = bool(latest.direction) and latest.adjusted_p_value <= trend.level
    return trend.verdict in ("rising", "falling") or (trend.verdict != "too little data" and changed)


def describe_no_average(key: str, name: str, trend: Trend) -> Finding:
    """Say why a series that moves has no control chart, and where to look instead."""
    if trend.verdict in ("rising", "falling"):
        how = f"{upper_first(name)} {rose(trend.verdict == 'rising')} over these years"
    else:
        how = f"The level of {lower_first(name)} has changed in the last 12 months"
    sentence = (
        f"{how}, so limits round one average would mark most months as unusual. "
        "We compare the latest months with their own season instead."
    )
    return Finding(f"{key}_limits", sentence, {"months": 12})


def describe_few_points(key: str, name: str, why: str) -> Finding:
    """Say why a series without a trend has no control chart."""
    return Finding(f"{key}_limits", f"We draw no limits of usual variation for {lower_first(name)}, because {why}.")


def _high_and_low(outside: pd.DataFrame) -> str:
    """The months furthest outside, in the order of time: "unusually high in May 2013 and low in June 2013"."""
    reach = (outside["value"] - outside["centre"]).abs() / (outside["upper"] - outside["centre"]).clip(lower=1e-9)
    shown = outside.loc[reach.sort_values(ascending=False, kind="stable").index[:NAMED]].sort_index()
    high = shown["value"] > shown["centre"]
    said = [
        f"{word} in {listed([_named(month) for month in shown.index[chosen]])}"
        for word, chosen in (("high", high), ("low", ~high))
        if chosen.any()
    ]
    more = ", among other months" if len(outside) > NAMED else ""
    return f"unusually {' and '.join(said)}{more}"


def _last_stretch(points: pd.DataFrame, rule: str) -> pd.DataFrame:
    """The latest months in a row that break a rule."""
    broken = points[rule].to_numpy(dtype=bool)
    first = last = int(np.flatnonzero(broken)[-1])
    above = (points["value"] > points["centre"]).to_numpy()
    alike = broken & ((above == above[last]) | (rule != "run"))
    while first and alike[first - 1]:
        first -= 1
    return points.iloc[first : last + 1]


def _named(month: Any) -> str:
    return str(month.strftime("%B %Y"))


def describe_exceedances(found: Exceedances, name: str) -> Finding:
    """Say whether any of the latest months is higher than the same season of earlier years allows."""
    months = found.months
    high = months[months["exceeds"].fillna(value=False).astype(bool)]
    looked = int(months["exceeds"].notna().sum())
    evidence: dict[str, object] = {"months_looked_at": looked, "false_alarm_rate": 100 * found.false_alarm_rate}
    method = f"Method: {found.method}."
    key = f"{name.lower().replace(' ', '_')}_latest"
    if not looked:
        return Finding(
            key, f"We hold none of the latest months of {lower_first(name)} in full.", evidence, method=method
        )
    if high.empty:
        number = NUMBERS[looked] if looked < len(NUMBERS) else looked
        said = f"{upper_first(name)} {'were' if is_many(name) else 'was'} not unusually high for the time of year"
        return Finding(key, f"{said} in any of the latest {number} months.", evidence, method=method)
    for number, (month, row) in enumerate(high.iterrows()):
        evidence |= {f"observed_{number}": row["observed"], f"upper_{number}": row["upper"]}
        evidence |= {f"year_{number}": _month(month).year}
    named = listed(
        [
            f"{_month(month).strftime('%B %Y')} ({row['observed']:,.0f}, where up to {row['upper']:,.0f} is usual)"
            for month, row in high.iterrows()
        ]
    )
    verb = "were" if is_many(name) else "was"
    sentence = f"{upper_first(name)} {verb} unusually high for the time of year in {named}."
    return Finding(key, sentence, evidence, method=method)


def describe_no_latest(key: str, name: str) -> Finding:
    """Say why the latest months of a series are not compared with what their season allows."""
    why = "we hold too few months of earlier years"
    sentence = f"We cannot say whether the latest months of {lower_first(name)} were unusual: {why}."
    return Finding(f"{key}_whether", sentence)


def describe_no_limits(key: str, name: str, missing: int, months: int) -> Finding:
    """Say why a series has no control chart."""
    why = f"that needs most months, and we hold {months - missing} of {months} in full"
    return Finding(f"{key}_limits", f"We draw no limits of usual variation for {lower_first(name)}: {why}.")


def _month(label: Any) -> pd.Period:
    """A label of a monthly index as the month that it is."""
    return pd.Period(label, "M")
