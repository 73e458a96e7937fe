"""Is a monthly series rising or falling, and how sure can one be: one question, one module."""

from hcsp_assess.trends.kendall import MannKendall, SeasonalKendall, mann_kendall, seasonal_kendall
from hcsp_assess.trends.multiplicity import adjust_p_values
from hcsp_assess.trends.verdicts import (
    Intervention,
    MonthSetAside,
    Question,
    Shift,
    Trend,
    assess_trend,
    assess_trends,
)

__all__ = [
    "Intervention",
    "MannKendall",
    "MonthSetAside",
    "Question",
    "SeasonalKendall",
    "Shift",
    "Trend",
    "adjust_p_values",
    "assess_trend",
    "assess_trends",
    "mann_kendall",
    "seasonal_kendall",
]
