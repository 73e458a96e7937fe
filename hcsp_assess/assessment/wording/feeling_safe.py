"""Sentences about surveys of how safe people feel: each question by itself, with its base and interval."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.surveys import MEASURES, NO_BASE, SurveySeries, compare_percentages
from hcsp_assess.assessment.wording.words import say_signed


def describe_survey(item: SurveySeries, number: int) -> Finding:
    """Say how many feel safe, and whether that changed; `number` tells questions of one measure apart in its key."""
    last = item.estimates.iloc[-1]
    evidence = {"percent": float(last["percent"]), "year": last["month"].year, "confidence": 95}
    if pd.notna(last["base"]):
        evidence |= {"base": int(last["base"]), "low": float(last["low"]), "high": float(last["high"])}
    sentence = f"{_latest(item)} {_change(item, evidence)}".strip()
    return Finding(f"{item.measure}_{number}", sentence, evidence, f"The question: “{item.wording}”")


def _latest(series: SurveySeries) -> str:
    """Say the latest result of a series in a sentence, with its base and interval, or that it has none."""
    last = series.estimates.iloc[-1]
    when = f"{last['month'].strftime('%B %Y')}, {series.survey}"
    said = f"{last['percent']:.0f}% {MEASURES[series.measure]} ({when}"
    if pd.isna(last["base"]):
        return f"{said}; {NO_BASE})."
    return f"{said}; {last['base']:,} answered, 95% interval {last['low']:.0f}% to {last['high']:.0f}%)."


def _change(item: SurveySeries, evidence: dict[str, float]) -> str:
    """How the latest result compares with the same question a year, or as near as there is, before."""
    frame = item.estimates
    if len(frame) < 2 or frame["base"].isna().any():
        return ""
    last = frame.iloc[-1]
    earlier = frame[[(last["month"] - month).n >= 12 for month in frame["month"]]]
    before = (earlier.iloc[-1] if len(earlier) else frame.iloc[0]).copy()
    words = {"survey": item.survey, "wording": item.wording, "answer": item.answer, "group": item.group}
    change = compare_percentages(pd.Series({**before, **words}), pd.Series({**last, **words}))
    evidence |= {"percent_before": float(before["percent"]), "points": change.points}
    evidence |= {"low_points": change.low, "high_points": change.high, "year_before": before["month"].year}
    when = before["month"].strftime("%B %Y")
    verdict = {"up": "More than", "down": "Fewer than"}.get(change.direction, "No clear change on")
    evidence |= {"low_shown": abs(round(change.low)), "high_shown": abs(round(change.high))}
    points = f"{say_signed(change.low)} to {say_signed(change.high)} points"
    return f"{verdict} {before['percent']:.0f}% in {when} (a change of {points})."
