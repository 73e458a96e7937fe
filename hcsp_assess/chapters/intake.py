"""The chapter on what an edition does not cover and who holds it; the register of partners' returns is closed."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.gaps import gaps_frame
from hcsp_assess.assessment.wording.intake import describe_complete, describe_intake, describe_unused
from hcsp_assess.assessment.wording.words import say_day, say_quarters
from hcsp_assess.edition.gaps import edition_gaps
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.returns import FEW, GAPS, EditionReturns
from hcsp_assess.periods import Span
from hcsp_assess.report.tables import NO_DATA, Table


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


def table_register(returns: EditionReturns) -> Table | Findings:
    """Show the register in a closed panel: a line for each file and each gap; nothing where no return was received."""
    if not returns.names_received:
        return Findings(())
    register = returns.register.astype(object)
    register = register.where(register.notna(), "")
    frame = pd.DataFrame(
        {
            "Return": register["title"].replace("", "a file that is no return"),
            "Who sends it": register["holder"],
            "Period": [say_quarters(str(value)) if value else "" for value in register["period"]],
            "Due": [_day(value) for value in register["due"]],
            "Received": [_day(value) for value in register["received"]],
            "Status": register["status"],
            "Rows kept": returns.shown_rows("kept"),
            "Rows set aside": returns.shown_rows("set_aside"),
            "Months covered": [_months(str(value)) if value else "" for value in register["coverage"]],
            "Checksum": [f"{value[:12]}…" if value else "" for value in register["sha256"]],
        }
    )
    blank = frame.select_dtypes(exclude="number").columns
    frame[blank] = frame[blank].replace("", NO_DATA)
    caption = f"Register of partners' returns on {say_day(returns.day)}, {returns.area.name}"
    notes = (
        "Due: figures of a quarter are shared by the end of the next. Checksum: the first part of the file's SHA-256.",
        f"Numbers of records under {FEW} are hidden to protect people.",
    )
    return Table(frame, caption, "intake-register", notes, returns.simulated, folded="The register of returns")


def table_set_aside(returns: EditionReturns) -> Table | Findings:
    """Show how many rows were set aside, and why."""
    partners = returns
    names = partners.register.loc[partners.register["set_aside"].fillna(0) > 0, "dataset"].unique()
    lines = [
        (result.definition.title, result.file, reason, _rows(number))
        for name in names
        for result in partners.combined(str(name)).results
        for reason, number in result.account.by_reason
    ]
    if not lines:
        return Findings(())
    frame = pd.DataFrame(lines, columns=["Return", "File", "Column and reason", "Rows"])
    notes = ("Each such row is kept for the person responsible for the data. It is not published.",)
    title = "Rows that could not be used, by reason"
    return Table(frame, title, "intake-set-aside", notes, partners.simulated, folded=title)


def table_revised(returns: EditionReturns) -> Table | Findings:
    """Show where a later file replaced rows of an earlier one."""
    partners = returns
    names = partners.register.loc[partners.register["sha256"].notna(), "dataset"].unique()
    lines = [
        (combined.definition.title, len(combined.results), _rows(len(combined.superseded)))
        for name in names
        if len((combined := partners.combined(str(name))).superseded)
    ]
    if not lines:
        return Findings(())
    frame = pd.DataFrame(lines, columns=["Return", "Files", "Rows replaced"])
    title = "Figures that a later file replaced"
    return Table(frame, title, "intake-revised", (), partners.simulated, folded=title)


def _day(value: object) -> str:
    return "" if value == "" else f"{value:%d/%m/%Y}"


def _rows(number: int) -> str:
    return f"under {FEW}" if 0 < number < FEW else f"{number:,}"


def _months(coverage: str) -> str:
    """Months that a file covers, "2012-04 to 2012-12", in words."""
    first, _, last = coverage.partition(" to ")
    return Span(pd.Period(first, freq="M"), pd.Period(last or first, freq="M")).spoken
