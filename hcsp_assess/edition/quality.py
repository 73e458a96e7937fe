"""Is the data fit for the assessment: what arrived, what is missing, what was set aside, and what that means."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from hcsp_assess.edition.open_data import EditionOpenData
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.sources.open_data.definitions import suppliers


@dataclass(frozen=True)
class Check:
    """One check of an edition's street-level data.

    Attributes
    ----------
    check : str
        What was looked at.
    result : str
        What was found, in numbers.
    meaning : str
        What that means for who reads the assessment.
    """

    check: str
    result: str
    meaning: str


def check_data(opened: OpenEdition) -> list[Check]:
    """Check an edition's street-level data, and the open data that it holds.

    Returns
    -------
    list of Check
        Coverage, balance of rows, duplicates, rows set aside, rows without a location, vintages of LSOA codes and
        vocabularies of crime types, in that order; then a line for each supplier of open data.
    """
    account = opened.table.account
    mine = account[account["force"] == opened.area.force]
    return [
        _coverage(opened),
        _balance(opened),
        _duplicates(account),
        _set_aside(opened),
        _no_location(mine, opened.area.force_name),
        _elsewhere(mine),
        _vintages(mine),
        _vocabularies(mine),
        *check_open_data(opened.open_data),
    ]


def check_open_data(held: EditionOpenData) -> list[Check]:
    """Say for each supplier of open data what is held, with its account, and which files cannot be read."""
    known = suppliers()
    checks = []
    for data in held.held:
        ends = data.frame["ends"].dropna()
        span = f"periods that end {ends.min()} to {ends.max()}" if len(ends) else "no figure of this area"
        aside = "; ".join(f"{number:,} set aside: {reason}" for reason, number in data.account.set_aside)
        meaning = f"{data.frame['indicator'].nunique()} measures, {span}. {aside or 'No row was set aside'}."
        checks.append(Check(f"Open data: {known[data.supplier].title}", data.account.words, meaning))
    checks += [Check(f"Open data: {known[key].title}", "cannot be read", f"{why}.") for key, why in held.problems]
    return checks or [
        Check("Open data", "none held", "Chapters on partners' subjects rest on partners' returns alone.")
    ]


def rows_by_fate(opened: OpenEdition) -> pd.DataFrame:
    """What became of the rows of all files, as lines that add up.

    Returns
    -------
    pandas.DataFrame
        Columns "Rows" and "Number".
    """
    account = opened.table.account
    lines = {
        "Received": account["rows_in"].sum(),
        "Duplicates taken out (a Crime ID twice)": account["duplicates"].sum(),
        "Set aside, cannot be used": account["quarantined"].sum(),
        "Kept": account["kept"].sum(),
        f"Kept: in {opened.area.name}": account["in_area"].sum(),
        "Kept: elsewhere": account["elsewhere"].sum(),
        "Kept: no location, so nobody can say where": account["no_location"].sum(),
        "Kept: with a location but no LSOA": account["without_lsoa"].sum(),
    }
    return pd.DataFrame({"Rows": list(lines), "Number": pd.array([int(n) for n in lines.values()], dtype="Int64")})


def no_location_by_year(opened: OpenEdition) -> pd.DataFrame:
    """Share of the home force's records without a location, by calendar year of the data.

    Returns
    -------
    pandas.DataFrame
        Columns "Year", "Records kept", "Without a location", "Per cent".
    """
    account = opened.table.account
    mine = account[account["force"] == opened.area.force]
    sums = mine.groupby(mine["month"].dt.year)[["kept", "no_location"]].sum()
    return pd.DataFrame(
        {
            "Year": sums.index.astype(str),
            "Records kept": sums["kept"].astype("Int64").to_numpy(),
            "Without a location": sums["no_location"].astype("Int64").to_numpy(),
            "Per cent": (100 * sums["no_location"] / sums["kept"]).round(1).to_numpy(),
        }
    )


def _coverage(opened: OpenEdition) -> Check:
    published = set(opened.table.months(opened.area.force))
    missing = [str(month) for month in opened.edition.span.months if month not in published]
    result = f"{12 - len(missing)} of the 12 months assessed, {len(published)} months in all"
    if missing:
        return Check(
            "Months published", result, f"Not published: {', '.join(missing)}. Totals of the year are too low."
        )
    return Check("Months published", result, "The year assessed is complete.")


def _balance(opened: OpenEdition) -> Check:
    rows = opened.rows
    fates = " + ".join(f"{rows[name]:,} {name}" for name in ("kept", "duplicates", "set aside"))
    result = f"{rows['in']:,} in = {fates}"
    return Check("Rows balance", result, "Every row received is accounted for.")


def _duplicates(account: pd.DataFrame) -> Check:
    number = int(account["duplicates"].sum())
    meaning = (
        "Same Crime ID twice; one record of each was kept. Equal anti-social behaviour rows are separate incidents."
    )
    return Check("Duplicates", f"{number:,}", meaning)


def _set_aside(opened: OpenEdition) -> Check:
    number = opened.rows["set aside"]
    meaning = "Every row could be used." if not number else "Each is in the quarantine files, with its reason."
    return Check("Rows set aside", f"{number:,}", meaning)


def _no_location(mine: pd.DataFrame, force_name: str) -> Check:
    number, kept = int(mine["no_location"].sum()), max(int(mine["kept"].sum()), 1)
    meaning = f"Somewhere in {force_name}'s area; an unknown share belongs here and is in no local count."
    return Check("No location", f"{number:,} ({100 * number / kept:.1f}% of the force's records)", meaning)


def _elsewhere(mine: pd.DataFrame) -> Check:
    number = int(mine["elsewhere"].sum())
    return Check("Outside the area", f"{number:,}", "In the force's files but in other districts; not counted here.")


def _vintages(mine: pd.DataFrame) -> Check:
    result = _spans(mine, "lsoa_vintage")
    return Check("LSOA codes", result, "All are put on the 2011 areas, so that the series does not break.")


def _vocabularies(mine: pd.DataFrame) -> Check:
    result = _spans(mine, "vocabulary")
    return Check(
        "Crime types", f"{result} crime types", "Series are compared only over months in which they mean the same."
    )


def _spans(mine: pd.DataFrame, column: str) -> str:
    groups: Any = mine.groupby(column)["month"].agg(["min", "max"]).sort_values("min")
    return "; ".join(f"{name} ({span['min']} to {span['max']})" for name, span in groups.iterrows())
