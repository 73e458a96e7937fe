"""Does a word still hold a year later? Trends of London boroughs over six years, and again with one year more.

    python -m benchmarks.trend_next_year            # prints the table that docs/benchmarks-trends.md shows

Eleven groups of offences in 32 boroughs (MPS Borough Level Crime, Metropolitan Police, Open Government Licence v3.0,
read from ``../shared/data/monthly-series``), in windows of 72 months that end each January from 2017 to 2022. The
groups of a borough are one family. Asked of each word: what is said twelve months later? The opposite word is what a
partnership must not have to explain. A naive rule, 5% between the last two years, is in the same run.
"""

from itertools import pairwise

import numpy as np
import pandas as pd

from benchmarks.markdown import as_markdown
from benchmarks.trend_real_series import SERIES
from hcsp_assess.trends import assess_trends

WINDOW = 72
LAST_MONTHS = tuple(pd.Period(f"{year}-01", "M") for year in range(2017, 2023))
LEFT_OUT = ("Historical Fraud and Forgery",)  # the class ended in March 2013


def read_groups() -> dict[str, pd.DataFrame]:
    """Months by group of offences, for each borough."""
    wide = pd.read_csv(SERIES / "mps_borough_APR2010-FEB2022.csv.gz")
    wide = wide[~wide["LookUp_BoroughName"].str.contains("Heathrow") & ~wide["MajorText"].isin(LEFT_OUT)]
    months = [name for name in wide.columns if name.isdecimal()]
    sums = wide.groupby(["LookUp_BoroughName", "MajorText"])[months].sum()
    index = pd.PeriodIndex([f"{month[:4]}-{month[4:]}" for month in months], freq="M")
    return {
        str(borough): pd.DataFrame(table.to_numpy().T, index, [group for _, group in table.index]).astype("Int64")
        for borough, table in sums.groupby(level=0)
    }


def said_of(boroughs: dict[str, pd.DataFrame], last: pd.Period) -> pd.DataFrame:
    """Word, strength and deciding question of every series in the window that ends with a month."""
    rows = []
    for borough, counts in boroughs.items():
        window = counts.loc[last - WINDOW + 1 : last]
        for group, trend in assess_trends(window).items():
            years = [year.total for year in trend.years]
            naive = np.sign(years[-1] - years[-2]) if abs(years[-1] - years[-2]) > 0.05 * years[-2] else 0
            rows.append(
                {
                    "series": f"{borough}: {group}",
                    "word": (trend.verdict == "rising") - (trend.verdict == "falling"),
                    "strength": trend.strength,
                    "follows": trend.follows,
                    "year on year": int(naive),
                }
            )
    return pd.DataFrame(rows).set_index("series")


def compare_years() -> pd.DataFrame:
    """A row for each word said, with what is said a year later."""
    boroughs = read_groups()
    said = {last: said_of(boroughs, last) for last in LAST_MONTHS}
    pairs = []
    for now, later in pairwise(LAST_MONTHS):
        next_words = said[later][["word", "year on year"]].add_prefix("next ")
        pairs.append(said[now].join(next_words).assign(last=str(now)))
    return pd.concat(pairs)


def _line(pairs: pd.DataFrame, word: str) -> dict[str, object]:
    made = pairs[pairs[word] != 0]
    agrees = made[word] * made[f"next {word}"]
    return {
        "words": len(made),
        "said of all, %": 100 * len(made) / len(pairs),
        "same word next year, %": 100 * (agrees > 0).mean(),
        "silent, %": 100 * (agrees == 0).mean(),
        "opposite word, %": 100 * (agrees < 0).mean(),
    }


def table_of_years(pairs: pd.DataFrame) -> pd.DataFrame:
    """One row for each kind of word."""
    lines = {"every word": _line(pairs, "word")}
    for strength in ("confirmed", "probable"):
        lines[strength] = _line(pairs.assign(word=pairs["word"].where(pairs["strength"] == strength, 0)), "word")
    for follows in ("long run", "last 36 months"):
        lines[f"from the {follows}"] = _line(
            pairs.assign(word=pairs["word"].where(pairs["follows"] == follows, 0)), "word"
        )
    lines["year on year, 5% rule"] = _line(pairs, "year on year")
    return pd.DataFrame(lines).T


def main() -> None:
    """Print the table."""
    pairs = compare_years()
    print(f"{len(pairs):,} pairs of windows\n")
    print(as_markdown(table_of_years(pairs).round(1), "word"))


if __name__ == "__main__":
    main()
