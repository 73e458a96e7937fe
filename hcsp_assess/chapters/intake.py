"""The chapter on intake: what is expected from each partner, what was received, what is overdue, what was set aside."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.absent import absent, as_reported
from hcsp_assess.assessment.wording.intake import describe_intake
from hcsp_assess.assessment.wording.words import say_day
from hcsp_assess.edition.returns import FEW, GAPS, EditionReturns
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


def findings_missing(returns: EditionReturns) -> Findings:
    """Say what is missing: of each return who was to send it, and since when."""
    register = returns.register
    lines = register[register["status"].isin(GAPS)]
    found = [as_reported(f"intake_{number}", str(line["message"])) for number, (_, line) in enumerate(lines.iterrows())]
    return Findings(tuple(found) or (absent("intake_complete"),))


def table_register(returns: EditionReturns) -> Table:
    """Show the register: a line for each file received, and for each gap."""
    register = returns.register.astype(object)
    register = register.where(register.notna(), "")
    frame = pd.DataFrame(
        {
            "Return": register["title"].where(register["title"] != "", register["file"]),
            "Who sends it": register["holder"],
            "Period": register["period"],
            "Due": [_day(value) for value in register["due"]],
            "Received": [_day(value) for value in register["received"]],
            "Status": register["status"],
            "Rows kept": returns.shown_rows("kept"),
            "Rows set aside": returns.shown_rows("set_aside"),
            "Coverage": register["coverage"],
            "Checksum": [f"{value[:12]}…" if value else "" for value in register["sha256"]],
        }
    )
    blank = frame.select_dtypes(exclude="number").columns
    frame[blank] = frame[blank].replace("", NO_DATA)
    caption = f"Register of partners' returns on {say_day(returns.day)}, {returns.area.name}"
    notes = (
        "Due: the last day of the quarter after, by which a quarter's data are to be shared.",
        f"Of records, rows under {FEW} are not told, except none. Checksum: the first part of the file's SHA-256.",
    )
    return Table(frame, caption, "intake-register", notes, returns.simulated)


def table_set_aside(returns: EditionReturns) -> Table | Finding:
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
        return absent("intake_none_aside")
    frame = pd.DataFrame(lines, columns=["Return", "File", "Column and reason", "Rows"])
    notes = ("Every such row is kept, with its cell, for who answers for the data; it is not published.",)
    return Table(frame, "Rows set aside, by reason", "intake-set-aside", notes, partners.simulated)


def table_revised(returns: EditionReturns) -> Table | Finding:
    """Show where a later file replaced rows of an earlier one."""
    partners = returns
    names = partners.register.loc[partners.register["sha256"].notna(), "dataset"].unique()
    lines = [
        (combined.definition.title, len(combined.results), _rows(len(combined.superseded)))
        for name in names
        if len((combined := partners.combined(str(name))).superseded)
    ]
    if not lines:
        return absent("intake_none_revised")
    frame = pd.DataFrame(lines, columns=["Return", "Files", "Rows replaced"])
    return Table(frame, "Figures that a later file replaced", "intake-revised", (), partners.simulated)


def _day(value: object) -> str:
    return "" if value == "" else f"{value:%d/%m/%Y}"


def _rows(number: int) -> str:
    return f"under {FEW}" if 0 < number < FEW else f"{number:,}"
