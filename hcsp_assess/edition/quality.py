"""Data quality of an edition: what was received, what is missing, what was set aside, and what it means."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from hcsp_assess.assessment.wording.coverage import say_months
from hcsp_assess.assessment.wording.words import upper_first
from hcsp_assess.edition.coverage import HELD, INCOMPLETE, NEVER, NOT_HELD, Coverage
from hcsp_assess.edition.file_faults import file_faults, files_read_otherwise, repeats_of_earlier_months
from hcsp_assess.edition.incomplete import FEW, QUIET
from hcsp_assess.edition.open_data import EditionOpenData
from hcsp_assess.edition.opened import OpenEdition, files_not_read
from hcsp_assess.sources.open_data.definitions import suppliers

#: Most older files that a check names; the account has all.
MOST_NAMED = 3
LACKING = (INCOMPLETE, NOT_HELD, NEVER)
#: Names of checks that can find something to look at.
MONTHS, FILES, FORCES, FAULTS = "Months held", "Incomplete files", "Forces counted", "Files that look wrong"


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
        Months held, incomplete files, forces counted, balance of rows, duplicates, rows set aside, files that look
        wrong, rows without a location, rows outside the area, vintages of LSOA codes and vocabularies of crime types,
        in that order; then a line for each supplier of open data. An edition without street-level records says so in
        place of the checks on them.
    """
    if not opened.has_records:
        without = Check("Street-level records", "not used", "This edition rests on official figures by partnership.")
        return [without, *check_open_data(opened.open_data)]
    account = opened.table.account
    mine = account[account["force"] == opened.area.force]
    return [
        _coverage(opened),
        _incomplete(opened),
        _other_forces(opened),
        _balance(opened),
        _duplicates(account),
        _set_aside(opened),
        _faults(account),
        _no_location(mine, opened.area.force_name),
        _elsewhere(mine),
        _vintages(mine),
        _vocabularies(mine),
        *check_open_data(opened.open_data),
    ]


def checks_to_look_at(opened: OpenEdition) -> tuple[str, ...]:
    """Return the checks of `check_data` that found something to look at before the figures are used, by name.

    Months of the year assessed that are not held, incomplete files, forces left out, files that look wrong, and open
    data that cannot be read.
    """
    year = opened.coverage.status[opened.coverage.home].reindex(opened.edition.span.months)
    found = {
        MONTHS: bool((year != HELD).any()),
        FILES: not _incomplete_files(opened.coverage).empty,
        FORCES: bool(opened.coverage.left_out),
        FAULTS: bool(file_faults(opened.table.account)),
    }
    broken = (f"Open data: {suppliers()[key].title}" for key, _ in opened.open_data.problems)
    return (*(name for name, is_so in found.items() if is_so), *broken)


def check_files(opened: OpenEdition) -> list[Check]:
    """Name files read in another form than the published one, older files that newer ones replace, and files not read.

    For whoever has the files: names of files are nothing for a page.
    """
    account = opened.table.account
    return [_forms(account), _older(account), _not_read(opened)]


def check_open_data(held: EditionOpenData) -> list[Check]:
    """List each supplier's open data, with its account, and files that cannot be read."""
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


def check_forces(opened: OpenEdition) -> list[Check]:
    """Count months held, incomplete, not held and never published, by force and calendar year."""
    table = opened.coverage.by_year()
    kinds = [str(name) for name in table if name not in ("Force", "Year")]
    checks = []
    for force, years in table.groupby("Force", sort=False):
        lines = [
            f"{row['Year']}: " + ", ".join(f"{row[kind]} {kind.lower()}" for kind in kinds if row[kind])
            for row in years.to_dict("records")
        ]
        checks.append(Check(f"Files of {force}", "; ".join(lines), "Months of each year."))
    return checks


def rows_by_fate(opened: OpenEdition) -> pd.DataFrame:
    """Account of all rows received, in lines that add up.

    Returns
    -------
    pandas.DataFrame
        Columns "Rows" and "Number".
    """
    account = opened.table.account
    lines = {
        "Received": account["rows_in"].sum(),
        "Duplicates removed (the same Crime ID twice)": account["duplicates"].sum(),
        "Set aside, cannot be used": account["quarantined"].sum(),
        "Kept": account["kept"].sum(),
        f"Kept: in {opened.area.name}, counted": account["in_area"].sum() - rows_left_out(opened),
        f"Kept: in {opened.area.name}, left out (incomplete months, forces that cannot be compared)": rows_left_out(
            opened
        ),
        "Kept: elsewhere": account["elsewhere"].sum(),
        "Kept: no location, so the district is unknown": account["no_location"].sum(),
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
    mine = opened.coverage.status[opened.coverage.home]
    year = mine.reindex(opened.edition.span.months)
    held = int((year == HELD).sum())
    assessed = f"all {len(year)}" if held == len(year) else f"{held} of the {len(year)}"
    result = f"{assessed} months assessed, {int((mine == HELD).sum())} months in all"
    lacking = [
        f"{status}: {say_months(list(pd.PeriodIndex(year.index[year == status])))}"
        for status in LACKING
        if (year == status).any()
    ]
    if lacking:
        return Check(MONTHS, result, f"{upper_first('; '.join(lacking))}. Totals of the year are too low.")
    return Check(MONTHS, result, "The year assessed is complete.")


def _incomplete(opened: OpenEdition) -> Check:
    coverage = opened.coverage
    wrong = _incomplete_files(coverage)
    result = "; ".join(_say_file(coverage, row) for row in wrong.itertuples()) or "none"
    low = coverage.unusually_low()
    meaning = "Left out of every count and comparison." if len(wrong) else "No file has far fewer rows than usual."
    if len(low):
        named = "; ".join(_say_file(coverage, row) for row in low.itertuples())
        meaning += f" Unusually low, but counted, because some types of crime are at their usual level: {named}."
    return Check(FILES, result, meaning)


def _incomplete_files(coverage: Coverage) -> pd.DataFrame:
    files = coverage.files[coverage.files["force"].isin(coverage.status.columns)]
    return files[~files["reason"].isin(["", QUIET])]


def _say_file(coverage: Coverage, row: Any) -> str:
    usual = (
        f", {100 * row.share:.0f}% of the usual rows" if row.share == row.share else ""
    )  # NaN: nothing to compare with
    reason = f", {row.reason}" if row.reason not in (FEW, QUIET) else ""
    return f"{coverage.name(row.force)} {row.month.strftime('%B %Y')} ({row.rows:,} rows{usual}{reason})"


def _other_forces(opened: OpenEdition) -> Check:
    coverage = opened.coverage
    counted = [coverage.name(str(name)) for name in coverage.status if name not in {i.force for i in coverage.left_out}]
    counted = [name for name in counted if name in _with_records(opened)]
    result = f"counted: {', '.join(counted)}"
    if not coverage.left_out:
        return Check(FORCES, result, "Every force with records in the area is counted.")
    parts = [
        f"{i.name}: {i.records:,} records, files missing for {say_months(list(i.missing))}" for i in coverage.left_out
    ]
    return Check(
        "Forces counted",
        result,
        f"Left out of every count, so that a gap does not look like a change. {'; '.join(parts)}.",
    )


def _with_records(opened: OpenEdition) -> set[str]:
    cells, coverage = opened.counted.cells, opened.coverage
    return {coverage.name(str(force)) for force in cells.loc[cells["lsoa_code"].notna(), "force"].unique()}


def rows_left_out(opened: OpenEdition) -> int:
    """Records in the area left out of counts: incomplete months, and forces that cannot be compared."""
    return int(opened.table.account["in_area"].sum() - opened.counted.account["in_area"].sum())


def _balance(opened: OpenEdition) -> Check:
    rows = opened.rows
    fates = " + ".join(f"{rows[name]:,} {name}" for name in ("kept", "duplicates", "set aside"))
    result = f"{rows['in']:,} in = {fates}"
    return Check("Rows balance", result, "Every record received is accounted for.")


def _duplicates(account: pd.DataFrame) -> Check:
    number = int(account["duplicates"].sum())
    meaning = (
        "Same Crime ID twice; one record of each was kept. Identical anti-social behaviour rows are separate incidents."
    )
    if again := repeats_of_earlier_months(account):
        return Check("Duplicates", f"{number:,}, of which {again:,} repeat a Crime ID of an earlier month", meaning)
    return Check("Duplicates", f"{number:,}", meaning)


def _set_aside(opened: OpenEdition) -> Check:
    number = opened.rows["set aside"]
    meaning = "Every row could be used." if not number else "Each is kept apart, with its reason."
    return Check("Rows set aside", f"{number:,}", meaning)


def _faults(account: pd.DataFrame) -> Check:
    found = file_faults(account)
    meaning = "Each looks whole by itself." if not found else "Look at each before its figures are used."
    return Check(FAULTS, "; ".join(found) or "none", meaning)


def _forms(account: pd.DataFrame) -> Check:
    found = files_read_otherwise(account)
    meaning = "Each is as published." if not found else "Read without doubt; the account has the same."
    return Check("Files in another form", "; ".join(found) or "none", meaning)


def _older(account: pd.DataFrame) -> Check:
    """Files that the account names as superseded: most archives hold three years again."""
    named = account["superseded"].dropna() if "superseded" in account else ()
    found = [name for names in named for name in str(names).split("; ") if name]
    some = "; ".join(found[:MOST_NAMED]) + (
        f"; and {len(found) - MOST_NAMED:,} more" if len(found) > MOST_NAMED else ""
    )
    meaning = "A newer download has the same months." if found else "No month is there in two downloads."
    return Check("Older files not used", some or "none", meaning)


def _not_read(opened: OpenEdition) -> Check:
    found = files_not_read(opened)
    meaning = "Every file that looks like a monthly file was read." if not found else "Their rows are not counted."
    return Check("Files not read", "; ".join(found) or "none", meaning)


def _no_location(mine: pd.DataFrame, force_name: str) -> Check:
    number, kept = int(mine["no_location"].sum()), max(int(mine["kept"].sum()), 1)
    meaning = f"Somewhere in {force_name}'s area; an unknown share belongs to this area and is not in its counts."
    return Check("No location", f"{number:,} ({100 * number / kept:.1f}% of the force's records)", meaning)


def _elsewhere(mine: pd.DataFrame) -> Check:
    number = int(mine["elsewhere"].sum())
    return Check("Outside the area", f"{number:,}", "In the force's files but in other districts; not counted here.")


def _vintages(mine: pd.DataFrame) -> Check:
    result = _spans(mine, "lsoa_vintage")
    return Check("LSOA codes", result, "All are matched to the 2011 areas, so that series can be compared over time.")


def _vocabularies(mine: pd.DataFrame) -> Check:
    result = _spans(mine, "vocabulary")
    return Check("Crime types", f"{result} crime types", "Series are compared only over months with the same meaning.")


def _spans(mine: pd.DataFrame, column: str) -> str:
    if mine.empty:
        return "none"
    groups: Any = mine.groupby(column)["month"].agg(["min", "max"]).sort_values("min")
    return "; ".join(f"{name} ({span['min']} to {span['max']})" for name, span in groups.iterrows())
