"""The area in figures: the latest value of each measure, its country's, and the middle of its similar areas."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from hcsp_assess.sources.open_data.area_in_figures import nearest_country
from hcsp_assess.sources.open_data.definitions import Measure
from hcsp_assess.sources.open_data.frame import OpenData

ENOUGH = 5  # similar areas with a figure, from which a middle is given


@dataclass(frozen=True)
class AreaFigure:
    """One line of the area in figures; NaN where a value is missing.

    Attributes
    ----------
    country_name : str
        Which country `country` is of.
    similar : float
        Median of the similar areas that have a figure of the same period.
    similar_with_figure : int
        How many those are.
    """

    measure: Measure
    period: str
    value: float
    country: float
    country_name: str
    similar: float
    similar_with_figure: int


def figures_beside(
    data: OpenData, measures: Sequence[Measure], *, district: str, until: pd.Period
) -> tuple[AreaFigure, ...]:
    """Return the latest figure of each measure that an area has, with what is beside it in the same period.

    Parameters
    ----------
    data : OpenData
        As `sources.open_data.area_in_figures.area_in_figures` gives it.
    measures : sequence of Measure
        In the order wanted.
    district : str
        Code of the area.
    until : pandas.Period
        Last month of the edition: periods that begin later are left out.
    """
    found = []
    for measure in measures:
        rows = data.of(measure.key, "district")
        own = rows[(rows["area_code"] == district) & rows["value"].notna() & (rows["starts"] <= until)]
        if own.empty:
            continue
        latest = own.iloc[-1]
        others = rows[(rows["area_code"] != district) & (rows["starts"] == latest["starts"]) & rows["value"].notna()]
        countries = nearest_country(data, measure.key, district)
        country = countries[countries["starts"] == latest["starts"]]
        known = len(country) > 0 and pd.notna(country.iloc[0]["value"])
        found.append(
            AreaFigure(
                measure,
                str(latest["period"]),
                float(latest["value"]),
                float(country.iloc[0]["value"]) if known else math.nan,
                str(country.iloc[0]["area_name"]) if known else "",
                float(others["value"].median()) if len(others) >= ENOUGH else math.nan,
                len(others),
            )
        )
    return tuple(found)
