"""Coverage: which months of a force are held, and which of each year are missing."""

import pandas as pd


def months_held(account: pd.DataFrame, force: str) -> pd.PeriodIndex:
    """Return the months for which a file of a force was received with records in it.

    Parameters
    ----------
    account : pandas.DataFrame
        One row for each file, with `month`, `force` and `rows_in`, as in `CountTable.account`.
    force : str
        Name of the force as in its files, such as "west-mercia".
    """
    mine = account[(account["force"] == force) & (account["rows_in"] > 0)]
    return pd.PeriodIndex(sorted(mine["month"].unique()), freq="M")


def held_by_year(months: pd.PeriodIndex, last: pd.Period) -> pd.DataFrame:
    """Count the months held and name those missing, a row for each calendar year up to that of `last`.

    Returns
    -------
    pandas.DataFrame
        Columns "Year", "Months published", "Months missing".
    """
    every = pd.period_range(f"{months[0].year}-01", f"{max(months[-1], last).year}-12", freq="M")
    rows = []
    for year in sorted(set(every.year)):
        missing = [month for month in every if month.year == year and month not in months]
        names = "none" if not missing else "all" if len(missing) == 12 else ", ".join(m.strftime("%b") for m in missing)
        rows.append({"Year": str(year), "Months published": 12 - len(missing), "Months missing": names})
    return pd.DataFrame(rows)
