"""The chapter on what an edition does not cover and who holds it; the register of partners' returns is closed."""

from typing import Any, Final

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.gaps import gaps_frame
from hcsp_assess.assessment.wording.intake import describe_complete, describe_intake, describe_unused
from hcsp_assess.assessment.wording.words import say_day, say_quarters
from hcsp_assess.disclosure import LOG_COLUMNS
from hcsp_assess.edition.gaps import edition_gaps
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.returns import GAPS, EditionReturns
from hcsp_assess.periods import Span
from hcsp_assess.report.tables import NO_DATA, Table
from hcsp_assess.report.two_audiences import Disclosed

#: Why the public tables have no numbers of rows.
NOT_PUBLIC: Final = (
    "Numbers of rows, names of files and checksums are not published: beside rounded figures they could give away how "
    "many people a figure is about."
)


def finding_intake(returns: EditionReturns) -> Finding:
    """Say how many of the returns were received."""
    register = returns.register
    expected = register[register["status"] != "not expected"]
    names = expected["dataset"].unique()
    whole = [name for name in names if not expected.loc[expected["dataset"] == name, "status"].isin(GAPS).any()]
    none = expected.loc[expected["status"] == "never received", "dataset"].unique()
    found = describe_intake(len(names), len(whole), len(none), returns.day)
    return found.marked(simulated=returns.simulated)


def table_gaps(opened: OpenEdition) -> Table | Finding:
    """Show what the edition does not cover, for which period, who holds it, and how it can be added."""
    gaps = edition_gaps(opened)
    if not gaps:
        return describe_complete()
    caption = f"Not covered, by subject, {opened.area.name}"
    return Table(gaps_frame(gaps), caption, "gaps")


def findings_problems(returns: EditionReturns) -> Findings:
    """Say how many files were refused, could not be read, or are where no return is expected."""
    counts = returns.register["status"].value_counts()
    kinds = ("refused", "cannot be read", "not expected")
    return Findings(tuple(describe_unused(kind, int(counts[kind])) for kind in kinds if kind in counts))


def table_register(returns: EditionReturns) -> Disclosed | Findings:
    """Show the register in a closed panel: a line for each file and each gap; nothing where no return was received."""
    if not returns.names_received:
        return Findings(())
    register = returns.register.astype(object)
    register = register.where(register.notna(), "")
    common = {
        "Return": register["title"].replace("", "a file that is no return"),
        "Who sends it": register["holder"],
        "Period": [say_quarters(str(value)) if value else "" for value in register["period"]],
        "Due": [_day(value) for value in register["due"]],
        "Received": [_day(value) for value in register["received"]],
        "Status": register["status"],
        "Months covered": [_months(str(value)) if value else "" for value in register["coverage"]],
        "Rows used": returns.rows_used(returns.register),
    }
    whole = {
        "File": register["file"],
        "Rows kept": [_number(value) for value in register["kept"]],
        "Rows set aside": [_number(value) for value in register["set_aside"]],
        "Checksum": [f"{value[:12]}…" if value else "" for value in register["sha256"]],
    }
    caption = f"Register of partners' returns on {say_day(returns.day)}, {returns.area.name}"
    due = "Due: figures of a quarter are shared by the end of the next."

    def table(columns: dict[str, Any], *notes: str) -> Table:
        frame = pd.DataFrame(columns).replace("", NO_DATA)
        return Table(frame, caption, "intake-register", (due, *notes), returns.simulated, "The register of returns")

    restricted = table(common | whole, "Checksum: the first part of the file's SHA-256.")
    return _disclosed(table(common, NOT_PUBLIC), restricted)


def table_set_aside(returns: EditionReturns) -> Disclosed | Findings:
    """Show why rows were set aside, and in the restricted edition how many of which file."""
    names = returns.register.loc[returns.register["set_aside"].fillna(0) > 0, "dataset"].unique()
    lines = [
        (result.definition.title, result.file, reason, number)
        for name in names
        for result in returns.combined(str(name)).results
        for reason, number in result.account.by_reason
    ]
    if not lines:
        return Findings(())
    whole = pd.DataFrame(lines, columns=["Return", "File", "Column and reason", "Rows"])
    public = whole[["Return", "Column and reason"]].drop_duplicates(ignore_index=True)
    note = "Each such row is kept for the person responsible for the data. It is not published."
    title = "Rows that could not be used, by reason"

    def table(frame: pd.DataFrame, *notes: str) -> Table:
        return Table(frame, title, "intake-set-aside", (note, *notes), returns.simulated, folded=title)

    return _disclosed(table(public, NOT_PUBLIC), table(whole))


def table_revised(returns: EditionReturns) -> Disclosed | Findings:
    """Show where a later file replaced rows of an earlier one, and in the restricted edition how many."""
    lines = [
        (combined.definition.title, len(combined.results), len(combined.superseded))
        for name in returns.names_received
        if len((combined := returns.combined(name)).superseded)
    ]
    if not lines:
        return Findings(())
    whole = pd.DataFrame(lines, columns=["Return", "Files", "Rows replaced"])
    title = "Figures that a later file replaced"

    def table(frame: pd.DataFrame, *notes: str) -> Table:
        return Table(frame, title, "intake-revised", notes, returns.simulated, folded=title)

    return _disclosed(table(whole[["Return", "Files"]], NOT_PUBLIC), table(whole))


def _disclosed(public: Table, restricted: Table) -> Disclosed:
    """Two versions of a table of which no cell was suppressed: the public one has fewer columns."""
    return Disclosed(public, restricted, pd.DataFrame(columns=list(LOG_COLUMNS), dtype="str"))


def _day(value: object) -> str:
    return "" if value == "" else f"{value:%d/%m/%Y}"


def _number(value: object) -> str:
    return "" if value == "" else f"{value:,}"


def _months(coverage: str) -> str:
    """Months that a file covers, "2012-04 to 2012-12", in words."""
    first, _, last = coverage.partition(" to ")
    return Span(pd.Period(first, freq="M"), pd.Period(last or first, freq="M")).spoken
