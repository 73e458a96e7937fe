"""Verdicts on long real series: shoplifting in the London boroughs, and the offences of New South Wales.

    python -m benchmarks.trend_real_series            # prints the tables that docs/benchmarks-trends.md shows

The files are read from ``../shared/data/monthly-series``: MPS Borough Level Crime (Metropolitan Police, Open Government
Licence v3.0) and the recorded crime of New South Wales (BOCSAR, CC BY, through the R package fpp3).
"""

from pathlib import Path

import pandas as pd

from benchmarks.markdown import as_markdown
from hcsp_assess.trends import Intervention, Question, Trend, assess_trends
from hcsp_assess.trends.multiplicity import VERDICTS_LEVEL

SERIES = Path(__file__).parents[2] / "shared" / "data" / "monthly-series"

# England's lockdowns (23 March to 31 May 2020; 5 November to 2 December 2020; 6 January to 28 March 2021), in whole
# months; the first spell runs to mid-June, when other shops opened again.
LOCKDOWNS = (
    Intervention(pd.Period("2020-03", "M"), pd.Period("2020-06", "M"), "first lockdown"),
    Intervention(pd.Period("2020-11", "M"), pd.Period("2020-11", "M"), "second lockdown"),
    Intervention(pd.Period("2021-01", "M"), pd.Period("2021-03", "M"), "third lockdown"),
)
SYDNEY_STAY_AT_HOME = (
    Intervention(pd.Period("2020-04", "M"), pd.Period("2020-05", "M"), "first stay-at-home order"),
    Intervention(pd.Period("2021-07", "M"), pd.Period("2021-10", "M"), "second stay-at-home order"),
)


def read_borough_shoplifting() -> pd.DataFrame:
    """Months by boroughs; Heathrow, which is no borough, is left out."""
    wide = pd.read_csv(SERIES / "mps_borough_APR2010-FEB2022.csv.gz")
    wide = wide[(wide["MinorText"] == "Shoplifting") & ~wide["LookUp_BoroughName"].str.contains("Heathrow")]
    counts = wide.set_index("LookUp_BoroughName").filter(regex=r"^\d{6}$").T
    counts.index = pd.PeriodIndex([f"{m[:4]}-{m[4:]}" for m in counts.index], freq="M")
    return counts.astype("Int64").sort_index(axis=1)


def read_new_south_wales() -> pd.DataFrame:
    """Months by types of offence."""
    long = pd.read_csv(SERIES / "fpp3_nsw_offences.csv.gz")
    long["Month"] = pd.PeriodIndex(pd.to_datetime(long["Month"], format="%Y %b"), freq="M")
    return long.pivot_table(index="Month", columns="Type", values="Count", aggfunc="sum").astype("Int64")


def table_of_verdicts(trends: dict[str, Trend]) -> pd.DataFrame:
    """One row a series."""
    return pd.DataFrame({name: _row(trend) for name, trend in trends.items()}).T


def _row(trend: Trend) -> dict[str, object]:
    return {
        "trend": f"{trend.verdict} {f'({trend.strength})' if trend.strength else ''}".strip(),
        "long run, % a year": _said(trend.long_run),
        "last 36 months, % a year": _said(trend.last_36_months),
        "last 12 months, %": _said(trend.last_12_months),
        "noise, persistence": f"{100 * trend.noise_sd:.0f}%, {trend.noise_correlation:.2f}",
        "set aside": len(trend.months_set_aside),
    }


def _said(question: Question) -> str:
    star = "*" if question.adjusted_p_value <= VERDICTS_LEVEL else ""
    return f"{question.percent:+.1f} ({question.low:+.1f} to {question.high:+.1f}){star}"


def main() -> None:
    """Print both tables."""
    print("Shoplifting by borough, April 2010 to January 2022, lockdowns as dated interventions\n")
    print(as_markdown(table_of_verdicts(assess_trends(read_borough_shoplifting(), interventions=LOCKDOWNS)), "borough"))
    print("\nNew South Wales, January 1995 to December 2023, stay-at-home orders as dated interventions\n")
    trends = assess_trends(read_new_south_wales(), interventions=SYDNEY_STAY_AT_HOME)
    print(as_markdown(table_of_verdicts(trends), "offence"))


if __name__ == "__main__":
    main()
