"""Sentences about rates of small areas: how far they differ, how concentrated crime is, and deprivation."""

from collections.abc import Sequence

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.places.concentration import Concentration
from hcsp_assess.places.rates import MISLEADS, AreaRates
from hcsp_assess.trends.rates import Interval

WRONG_BASE_RULE = (
    "Rule: at least twice the rate of the whole area, and among its records at least as high a share of "
    "shoplifting, theft from the person and bicycle theft."
)


def describe_rates(
    area: str, whole: Interval, rates: AreaRates, labels: pd.Series, *, records: int, residents: int, people_from: str
) -> Finding:
    """Say the rate of the whole area, and of the highest and the lowest small area."""
    shrunk = rates.table["shrunk_rate"]
    high, low = str(shrunk.idxmax()), str(shrunk.idxmin())
    evidence = {
        "records": records,
        "residents": residents,
        "rate": whole.value,
        "low": whole.low,
        "high": whole.high,
        "highest": float(shrunk[high]),
        "lowest": float(shrunk[low]),
    }
    sentence = (
        f"{area}: {whole.value:.1f} recorded crimes per 1,000 residents a year (95% interval {whole.low:.1f} to "
        f"{whole.high:.1f}). Among its {len(shrunk)} small areas the rate runs from {evidence['lowest']:.0f} in "
        f"{labels[low]} to {evidence['highest']:.0f} in {labels[high]}."
    )
    return Finding("where_rates", sentence, evidence, f"Method: {rates.method}. Residents: {people_from}.")


def describe_wrong_base(flagged: Sequence[str]) -> Finding:
    """Say in which small areas residents are the wrong base of a rate."""
    sentence = (
        f"In {len(flagged)} small areas a rate per resident misleads: {', '.join(flagged)}. "
        f"{MISLEADS[0].upper()}{MISLEADS[1:]}."
        if flagged
        else "In no small area do the records say that residents are plainly the wrong base."
    )
    return Finding("where_wrong_base", sentence, {"areas": len(flagged)}, WRONG_BASE_RULE)


def describe_concentration(found: Concentration) -> Finding:
    """Say how much of recorded crime the busiest 1, 5 and 10% of small areas hold."""
    one, five, ten = (found.top.iloc[place] for place in range(3))
    sentence = (
        f"Recorded crime is concentrated: the busiest 5% of small areas ({int(five['places'])} of {found.places}) hold "
        f"{five['percent_of_records']:.0f}% of {found.records:,} records, the busiest 10% "
        f"{ten['percent_of_records']:.0f}%, and the busiest of all {one['percent_of_records']:.0f}%."
    )
    evidence = {
        "places": found.places,
        "records": found.records,
        "top_places": int(five["places"]),
        "top_1_percent": float(one["percent_of_records"]),
        "top_5_percent": float(five["percent_of_records"]),
        "top_10_percent": float(ten["percent_of_records"]),
        "gini": found.generalised_gini,
    }
    certainty = (
        f"Method: {found.method}; generalised Gini {found.generalised_gini:.2f}. A count, so nothing is estimated."
    )
    return Finding("where_concentration", sentence, evidence, certainty)


def describe_one_sided(area: str) -> Finding:
    """Say that an area has no small area on one of the two sides of the line of deprivation."""
    sentence = f"All small areas of {area} are on one side of the line of England's most deprived fifth."
    return Finding("where_deprivation", sentence)


def describe_deprivation(area: str, areas: int, ratio: float, without_town_centres: float) -> Finding:
    """Compare the most deprived fifth of England's small areas with the rest of an area."""
    sentence = (
        f"In the {areas} small areas of {area} among England's most deprived fifth, recorded crime per "
        f"resident is {ratio:.1f} times that of the others; "
        f"without town centres it is {without_town_centres:.1f} times."
    )
    certainty = (
        "Indices of Deprivation 2019. Recorded crime is one of the seven domains of that index, so part of the link is "
        "built in. It is about places, not about the people who live there."
    )
    evidence = {"areas": areas, "ratio": ratio, "ratio_without_town_centres": without_town_centres}
    return Finding("where_deprivation", sentence, evidence, certainty)
