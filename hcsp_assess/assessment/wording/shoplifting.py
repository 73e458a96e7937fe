"""Sentences about shoplifting: since when it has a series, and where it is concentrated."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.places.concentration import Concentration


def describe_first(first: pd.Period, *, simulated: bool) -> Finding:
    """Say from when shoplifting has a series of its own."""
    sentence = f"data.police.uk has shown shoplifting as a crime type of its own since {first.strftime('%B %Y')}."
    caveat = "The simulated records show it from their first month."
    return Finding("shoplifting_span", sentence, {"year": first.year}, "", (caveat,) if simulated else ())


def describe_concentration(found: Concentration, busiest: str, busiest_percent: float) -> Finding:
    """Say how much of the shoplifting a few small areas hold, and how much the busiest does, by its name."""
    top = found.top.iloc[0]
    evidence = {
        "places": found.places, "records": found.records, "top_places": int(top["places"]),
        "top_percent": float(top["percent_of_records"]), "busiest_percent": busiest_percent,
    }  # fmt: skip
    sentence = (
        f"{evidence['top_places']} of {found.places} small areas have {top['percent_of_records']:.0f}% of the "
        f"{found.records:,} shoplifting offences. One, in {busiest}, has {busiest_percent:.0f}%."
    )
    caveat = "Places with large shops have more to steal from. The figures do not describe the people who live there."
    return Finding(
        "shoplifting_concentration", sentence, evidence, caveats=(caveat,), method=f"Method: {found.method}."
    )
