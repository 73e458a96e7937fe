"""Sentences about rates of small areas: how far they differ, concentration, rural and urban, deprivation."""

from dataclasses import dataclass

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import upper_first
from hcsp_assess.places.concentration import Concentration
from hcsp_assess.places.rates import AreaRates
from hcsp_assess.subject.place_names import place_in_text
from hcsp_assess.trends.rates import Interval

VISITORS_RULE = (
    "Places with many visitors are found by a rule: at least twice the rate of the whole area, and at least as high a "
    "share of shoplifting, theft from the person and bicycle theft."
)
BY_FAR = 2.0  # times the next highest rate, from which a rate is called the highest by far


def describe_rates(
    area: str, whole: Interval, rates: AreaRates, labels: pd.Series, *, records: int, residents: int, people_from: str
) -> Finding:
    """Say which small area has the highest rate and why, and the rate of the whole area."""
    shrunk = rates.table["shrunk_rate"].sort_values(ascending=False, kind="stable")
    high, low = str(shrunk.index[0]), str(shrunk.index[-1])
    evidence = {
        "records": records,
        "residents": residents,
        "rate": whole.value,
        "low": whole.low,
        "high": whole.high,
        "highest": float(rates.table["rate"][high]),
        "lowest": float(rates.table["rate"][low]),
    }
    message = f"{upper_first(place_in_text(labels[high]))} has {'by far ' if _by_far(shrunk) else ''}the highest rate"
    if rates.table.loc[high, "warning"]:
        message += ", because shoppers and visitors are not counted as residents"
    sentence = (
        f"{message}. Police recorded {evidence['highest']:.0f} crimes there for every 1,000 residents. The rate for "
        f"all of {area} is {whole.value:.1f}, and the lowest is {evidence['lowest']:.0f}, in "
        f"{place_in_text(labels[low])}."
    )
    method = (
        f"The rate for all of {area} is likely between {whole.low:.1f} and {whole.high:.1f} (95% interval). Rates of "
        f"small areas are drawn towards the average, the smaller the area the more. {rates.method}. Residents: "
        f"{people_from}. {VISITORS_RULE}"
    )
    return Finding("where_rates", sentence, evidence, message=f"{message}.", method=method)


def _by_far(ordered: pd.Series) -> bool:
    return len(ordered) > 1 and float(ordered.iloc[0]) >= BY_FAR * float(ordered.iloc[1])


def describe_concentration(found: Concentration, *, named: int, named_records: int) -> Finding:
    """Say how much of recorded crime the busiest small areas have.

    Parameters
    ----------
    named, named_records : int
        How many places are numbered on the map, and their records together.
    """
    one, five, ten = (found.top.iloc[place] for place in range(3))
    share = 100 * named_records / found.records if found.records else 0.0
    sentence = (
        f"A few places have much of the crime: {share:.0f}% of it was recorded in {named} of {found.places} small areas"
    )
    sentence += f", and {one['percent_of_records']:.0f}% in the busiest." if int(one["places"]) == 1 else "."
    evidence = {
        "places": found.places,
        "records": found.records,
        "named": named,
        "named_records": named_records,
        "named_percent": share,
        "top_1_percent": float(one["percent_of_records"]),
        "top_5_percent": float(five["percent_of_records"]),
        "top_10_percent": float(ten["percent_of_records"]),
        "gini": found.generalised_gini,
    }
    method = f"A count, so nothing is estimated. {found.method}: {found.generalised_gini:.2f}."
    return Finding("where_concentration", sentence, evidence, method=method)


@dataclass(frozen=True)
class Group:
    """A group of small areas: its residents and records, its rate per 1,000, and that without places of visitors."""

    residents: int
    records: int
    rate: float
    without_visitors: float


def describe_rural(area: str, rural: Group, urban: Group, classification: str) -> Finding:
    """Compare rural with urban small areas: shares of residents and of crime, and rates."""
    residents, records = rural.residents + urban.residents, rural.records + urban.records
    evidence = {
        "residents_percent": 100 * rural.residents / residents,
        "records_percent": 100 * rural.records / records if records else 0.0,
        "rural_rate": rural.rate,
        "urban_rate": urban.rate,
        "urban_rate_without_visitors": urban.without_visitors,
    }
    message = (
        f"Rural areas have {evidence['residents_percent']:.0f}% of {area}'s residents and "
        f"{evidence['records_percent']:.0f}% of its recorded crime."
    )
    sentence = (
        f"{message} That is {rural.rate:.1f} crimes for every 1,000 residents, against {urban.rate:.1f} in urban areas"
    )
    sentence += (
        f" ({urban.without_visitors:.1f} outside town centres)." if urban.without_visitors != urban.rate else "."
    )
    return Finding("where_rural", sentence, evidence, message=message, method=f"{classification}.")


def describe_no_rural(area: str, *, rural: bool) -> Finding:
    """Say that all of an area is rural, or all of it urban."""
    return Finding("where_rural", f"All small areas of {area} are {'rural' if rural else 'urban'}.")


def describe_one_sided(area: str, country: str, *, most: bool) -> Finding:
    """Say that all small areas are in the country's most deprived fifth, or none of them."""
    sentence = f"{'Every small area' if most else 'No small area'} of {area} is in {country}'s most deprived fifth."
    return Finding("where_deprivation", sentence)


def describe_deprivation(
    area: str, areas: int, ratio: float, without_visitors: float, indices: str, country: str
) -> Finding:
    """Compare the most deprived fifth of a country's small areas with the rest of an area."""
    few = f"the one small area of {area}" if areas == 1 else f"the {areas} small areas of {area}"
    sentence = (
        f"Recorded crime per resident is {ratio:.1f} times as high in {few} in {country}'s most deprived fifth as in "
        f"the rest. Outside town centres it is {without_visitors:.1f} times as high."
    )
    certainty = "This compares places, not the people who live there."
    part = "Community safety is one of the" if country == "Wales" else "Recorded crime is one of the seven"
    method = f"{indices}. {part} parts of that index, so part of the link is built in."
    evidence = {"areas": areas, "ratio": ratio, "ratio_without_visitors": without_visitors}
    return Finding("where_deprivation", sentence, evidence, certainty, method=method)
