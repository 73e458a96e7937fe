"""Sentences about surveys of how safe people feel: each question by itself, with how many were asked where known."""

import re

import pandas as pd

from hcsp_assess.assessment.findings import Direction, Finding
from hcsp_assess.assessment.surveys import MEASURES, SurveySeries, compare_percentages
from hcsp_assess.assessment.wording.words import say_signed

NOT_ASKED = "The number of people asked was not published, so we cannot say how sure this is."


def describe_survey(item: SurveySeries, number: int) -> Finding:
    """Say how many feel safe, and whether that changed; `number` distinguishes questions of one measure in its key."""
    last = item.estimates.iloc[-1]
    evidence = {"percent": float(last["percent"]), "year": last["month"].year}
    certainty = NOT_ASKED
    if pd.notna(last["base"]):
        evidence |= {
            "base": int(last["base"]),
            "low": float(last["low"]),
            "high": float(last["high"]),
            "confidence": 95,
        }
        certainty = f"Likely between {last['low']:.0f}% and {last['high']:.0f}%; {last['base']:,} people answered."
    when = last["month"].strftime("%B %Y")
    latest = f"{last['percent']:.0f}% {MEASURES[item.measure]} ({item.survey}, {when})."
    change, method, direction = _change(item, evidence)
    return Finding(
        f"{item.measure}_{number}",
        f"{latest} {change}".strip(),
        evidence,
        certainty,
        direction=direction,
        method=f"The question: “{item.wording}” Intervals by Wilson's method. {method}".strip(),
        measure=MEASURES[item.measure],
        population=item.group,
        period=when,
    )


def describe_quoted(measure: str, percent: float, source: str, number: int) -> Finding:
    """Say a result that a strategy quotes, as it was published: without how many were asked.

    Examples
    --------
    >>> describe_quoted("feel_safe_after_dark", 74, "Quality of Life Survey 2012", 0).sentence
    '74% feel safe in their local area after dark (Quality of Life Survey 2012).'
    """
    sentence = f"{percent:.0f}% {MEASURES[measure]} ({source})."
    year = re.search(r"\d{4}", source)
    evidence = {"percent": percent} | ({"year": int(year[0])} if year else {})
    return Finding(
        f"{measure}_{number}", sentence, evidence, NOT_ASKED, measure=MEASURES[measure], population="everyone"
    )


def title_of_chart(item: SurveySeries) -> str:
    """Say what the chart of a question that was asked more than once shows."""
    first, last = item.estimates.iloc[0], item.estimates.iloc[-1]
    earlier = first["month"].strftime("%B %Y")
    return f"{last['percent']:.0f}% {MEASURES[item.measure]}, against {first['percent']:.0f}% in {earlier}"


def _change(item: SurveySeries, evidence: dict[str, float]) -> tuple[str, str, Direction]:
    """How the latest result compares with the same question a year, or as near as there is, before."""
    frame = item.estimates
    if len(frame) < 2 or frame["base"].isna().any():
        return "", "", ""
    last = frame.iloc[-1]
    earlier = frame[[(last["month"] - month).n >= 12 for month in frame["month"]]]
    before = (earlier.iloc[-1] if len(earlier) else frame.iloc[0]).copy()
    words = {"survey": item.survey, "wording": item.wording, "answer": item.answer, "group": item.group}
    change = compare_percentages(pd.Series({**before, **words}), pd.Series({**last, **words}))
    evidence |= {"percent_before": float(before["percent"]), "points": change.points}
    evidence |= {"low_points": change.low, "high_points": change.high, "year_before": before["month"].year}
    when = before["month"].strftime("%B %Y")
    told = f"{before['percent']:.0f}% in {when}"
    span = f"{say_signed(change.low)} to {say_signed(change.high)} points"
    directions: dict[str, Direction] = {"up": "rising", "down": "falling"}
    direction = directions.get(change.direction, "no clear change")
    sentence = (
        f"That is more than {told}: a clear rise." if direction == "rising" else f"It was {told}: no clear change."
    )
    if direction == "falling":
        sentence = f"That is fewer than {told}: a clear fall."
    return sentence, f"95% interval of the change since {when}: {span}.", direction
