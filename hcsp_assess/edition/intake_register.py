"""The intake register: what each partner was expected to send, what was received, and what is missing."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.periods import Quarter, Span
from hcsp_assess.sources.returns.combining import (
    file_key,
    files_of_no_return,
    quarters_covered,
    read_unchanged,
    received_dates,
    return_files,
)
from hcsp_assess.sources.returns.definitions import ReturnDefinition, return_definition, return_names
from hcsp_assess.sources.returns.personal import PersonalDataError
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.holders import holder_in, holder_words
from hcsp_assess.subject.own_returns import AskedFor, returns_asked_for

Status = Literal[
    "received", "received late", "refused", "cannot be read", "due", "overdue", "never received", "not expected"
]
REGISTER_COLUMNS: Final = (
    *("dataset", "title", "holder", "period", "due", "received", "status", "coverage", "file", "sha256"),
    *("rows_in", "kept", "set_aside", "simulated", "message"),
)


def due_date(quarter: Quarter) -> dt.date:
    """Return the last day of the following quarter, by which a quarter's data are due (SI 2007/1831)."""
    return (quarter + 1).span.last.end_time.date()


def intake_register(
    folder: Path,
    *,
    as_of: dt.date,
    span: Span | None = None,
    root: Path | None = None,
    area: Area | None = None,
) -> pd.DataFrame:
    """Return the register of a folder of returns on a day.

    Parameters
    ----------
    folder : Path
        One folder per return, named after it (`marac/`), with the files as received in it. A file `received.csv` in
        `folder` (columns file, received: "marac/q1.xlsx", "2012-07-20") says when each was received.
    as_of : datetime.date
        The day of the register. Nothing depends on the clock or on the files' own dates.
    span : Span, optional
        Months for which returns are expected; by default the four quarters that ended before `as_of`.
    root : Path, optional
        Root of a project with definitions of its own.
    area : Area, optional
        With it, the holder of a return is the body that served the area in the months assessed; without it, a role.

    Returns
    -------
    pandas.DataFrame
        One line per file, and one per run of quarters not received: dataset, title, holder, period, due,
        received, status, coverage, file, sha256, rows_in, kept, set_aside, simulated, message. The status is
        "received", "received late", "refused" (personal data), "cannot be read", "due" (not yet late), "overdue",
        "never received" or "not expected" (no return of that name). Of a refused file nothing is kept, not even its
        checksum. A file that `received.csv` dates after `as_of` is not there yet.

    Raises
    ------
    InputError
        If `received.csv` has other columns or dates that can't be read.

    Notes
    -----
    A quarter counts as received where a row of it holds a figure, suppressed ones included; of records, where it is
    between the first and the last record of a file, since a quarter without events is not a missing one. A return under
    a duty that began after the span is not expected, nor one that the area's own `returns.toml` does not ask for.
    """
    asked = AskedFor() if area is None else returns_asked_for(area)
    wanted = expected_quarters(as_of, span)
    came = received_dates(folder)
    lines: list[dict[str, Any]] = []
    last = span.last if span is not None else wanted[-1].span.last
    for name in return_names(root):
        definition = return_definition(name, root)
        role = definition.holder
        named = replace(definition, holder=holder_words(role) if area is None else holder_in(role, area, last))
        covered: set[Quarter] = set()
        for path in return_files(folder / name):
            if came.get(file_key(path, folder), as_of) > as_of:
                continue
            line, quarters = _file_line(path, definition, came, folder, root)
            covered |= quarters
            lines.append(line | {"holder": named.holder})
        if named.asked_for(_last_month(as_of, span)):
            due = [each for each in wanted if asked.asks(name, each.span.first, each.span.last)]
            lines += _missing_lines(named, due, covered, as_of) if due else []
    lines += _strangers(folder, root)
    return pd.DataFrame(lines, columns=list(REGISTER_COLUMNS)).astype(
        {"rows_in": "Int64", "kept": "Int64", "set_aside": "Int64", "simulated": "boolean"}
    )


def _last_month(as_of: dt.date, span: Span | None) -> pd.Period:
    """The last month that returns are expected for."""
    return span.last if span is not None else pd.Period(as_of, "M")


def expected_quarters(as_of: dt.date, span: Span | None = None) -> tuple[Quarter, ...]:
    """Return the quarters of a span that ended before a day; by default the last four."""
    this = Quarter.of(pd.Period(year=as_of.year, month=as_of.month, freq="M"))
    if span is None:
        return tuple(this + back for back in range(-4, 0))
    quarters = sorted({Quarter.of(month) for month in span.months})
    return tuple(quarter for quarter in quarters if quarter < this)


def _file_line(
    path: Path, definition: ReturnDefinition, came: dict[str, dt.date], folder: Path, root: Path | None
) -> tuple[dict[str, Any], set[Quarter]]:
    received = came.get(file_key(path, folder))
    line = _line(definition) | {"file": file_key(path, folder), "received": received}
    try:
        result = read_unchanged(path, definition, root)
    except PersonalDataError as error:
        told = str(error)
        shown = line["file"] if path.name in told else f"{definition.name}/ (name of the file withheld)"
        return line | {"file": shown, "status": "refused", "message": told}, set()
    except InputError as error:
        return line | {"status": "cannot be read", "message": str(error)}, set()
    quarters = quarters_covered(result)
    due = due_date(max(quarters)) if quarters and definition.frequency != "irregular" else None
    late = due is not None and received is not None and received > due
    account = result.account
    aside = ", ".join(f"{number} {reason}" for reason, number in account.by_reason)
    said = [f"Set aside: {aside}."] if aside else []
    if result.review is not None:
        said.append(f"Read after a review by {result.review.role} on {result.review.date}.")
    return line | {
        "period": _named(quarters),
        "due": due,
        "status": "received late" if late else "received",
        "coverage": "" if result.span is None else str(result.span),
        "sha256": result.sha256,
        "rows_in": account.rows_in,
        "kept": account.kept,
        "set_aside": account.set_aside,
        "simulated": result.simulated,
        "message": " ".join(said),
    }, quarters


def _missing_lines(
    definition: ReturnDefinition, wanted: Iterable[Quarter], covered: set[Quarter], as_of: dt.date
) -> list[dict[str, Any]]:
    if definition.frequency != "quarter":
        if covered:
            return []
        message = f"{definition.title}: not received. Expected from {definition.holder}."
        return [_line(definition) | {"status": "never received", "message": message}]
    missing = [quarter for quarter in wanted if quarter not in covered]
    overdue = [quarter for quarter in missing if due_date(quarter) < as_of]
    late: Status = "overdue" if covered else "never received"
    due = [quarter for quarter in missing if quarter not in overdue]
    return [
        *(_gap_line(definition, run, late) for run in _runs(overdue)),
        *(_gap_line(definition, run, "due") for run in _runs(due)),
    ]


def _gap_line(definition: ReturnDefinition, run: list[Quarter], status: Status) -> dict[str, Any]:
    by = due_date(run[0])
    months = Span(run[0].span.first, run[-1].span.last).spoken
    day = f"{by.day} {by:%B %Y}"
    when = f"by {day}" if len(run) == 1 else f"a quarter at a time, the first by {day}"
    what = f"{definition.title}, {months}: not {'yet ' if status == 'due' else ''}received"
    message = f"{what}. Due from {definition.holder} {when}."
    return _line(definition) | {"period": _named(run), "due": by, "status": status, "message": message}


def _runs(quarters: list[Quarter]) -> list[list[Quarter]]:
    runs: list[list[Quarter]] = []
    for quarter in quarters:
        if runs and runs[-1][-1] + 1 == quarter:
            runs[-1].append(quarter)
        else:
            runs.append([quarter])
    return runs


def _named(quarters: Iterable[Quarter]) -> str:
    runs = _runs(sorted(quarters))
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _line(definition: ReturnDefinition) -> dict[str, Any]:
    return {"dataset": definition.name, "title": definition.title, "holder": definition.holder, "message": ""}


def _strangers(folder: Path, root: Path | None) -> list[dict[str, Any]]:
    """Return a line for each file that is where no return is expected: every file is reported."""
    where = "it is not in a folder named after a return. Move it into one, such as marac/"
    return [
        {"file": key, "status": "not expected", "message": f"{key} was not read: {where}"}
        for key in files_of_no_return(folder, return_names(root))
    ]
