"""What a national body should ask about: unusual changes, breaks in the figures, and reports that need a look."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from hcsp_assess.assessment.wording.overview import (
    say_alone,
    say_break,
    say_first,
    say_letters,
    say_odds,
    say_period,
    say_share_aside,
)
from hcsp_assess.places.unusual_changes import UnusualChanges

Part = Literal["force", "change", "break", "report"]
#: More than this share of rows set aside, and this many times the middle area's share, is a question.
MANY_PERCENT, MANY_TIMES = 1.0, 3.0
#: From this many areas with the same statements, if they are most of all areas, there is one line for all.
SEVERAL = 3
#: And from this many, whatever part of all areas they are: those of Wales, for instance.
ALIKE = 10


@dataclass(frozen=True)
class Anomaly:
    """A question about the figures, or about a report.

    Attributes
    ----------
    part : str
        "force" (a change across a whole police force), "change" (of one partnership), "break" (in the figures) or
        "report" (the report itself).
    area, where : str
        Key of the area, "" for a force or several areas; and its name, or that of the force.
    force, subject : str
        The police force, and what the figures are of.
    before, after : float or None
        The two figures; None where there is none.
    percent, common : float or None
        The change, and that of the middle partnership or force, in per cent.
    places : int
        How many partnerships it is about.
    z, p_value, adjusted : float or None
        Of a comparison: the score, its p-value, and the false discovery rate at which it would be listed.
    unusual, first : str
        How unusual it is, and what to do first, in words.
    """

    part: Part
    area: str
    where: str
    force: str
    subject: str
    before: float | None
    after: float | None
    percent: float | None
    common: float | None
    places: int
    z: float | None
    p_value: float | None
    adjusted: float | None
    unusual: str
    first: str


@dataclass(frozen=True)
class Listed:
    """An area that has a report: which partnership it is.

    Attributes
    ----------
    area, name, code, force : str
        Its key, its name, the ONS code of its partnership ("" where it has none), and its police force.
    """

    area: str
    name: str
    code: str
    force: str


@dataclass(frozen=True)
class ReportFacts:
    """What is known about a report.

    Attributes
    ----------
    look : tuple of str
        Its checks that found something to look at.
    percent_aside : float or None
        Share of its rows that were set aside; None where it has no rows.
    letters : tuple of str
        Letters of the law's list for which it states that there is nothing to report.
    """

    listed: Listed
    look: tuple[str, ...]
    percent_aside: float | None
    letters: tuple[str, ...]


def change_anomalies(
    changes: UnusualChanges, listed: Sequence[Listed], label: Callable[[str], str]
) -> tuple[Anomaly, ...]:
    """Return the unusual changes of the forces and areas listed, forces first, the most unusual first.

    Parameters
    ----------
    changes : UnusualChanges
        Of all partnerships, by ONS code.
    listed : sequence of Listed
        Areas that have a report; others are compared with and not named.
    label : callable
        Gives the name of an offence group for readers.
    """
    forces = changes.forces[changes.forces["unusual"]].sort_values("p_value", kind="stable")
    with_report = {item.force for item in listed}
    found = [
        _force(row, len(changes.forces), changes.level, label)
        for row in forces.to_dict("records")
        if row["force"] in with_report
    ]
    single = changes.table[changes.table["unusual"]].sort_values("p_value", kind="stable")
    by_code = _by_code(listed)
    for row in single.to_dict("records"):
        found += [_single(row, item, len(changes.table), label) for item in by_code.get(str(row["place"]), ())]
    return tuple(found)


def _by_code(listed: Sequence[Listed]) -> Mapping[str, list[Listed]]:
    found: dict[str, list[Listed]] = {}
    for item in listed:
        if item.code:
            found.setdefault(item.code, []).append(item)
    return found


def _force(row: Mapping[Any, Any], comparisons: int, level: float, label: Callable[[str], str]) -> Anomaly:
    by_itself = row["adjusted"] <= level
    unusual = say_odds(row["p_value"] * comparisons, comparisons) if by_itself else say_alone(row["alone"])
    return Anomaly(
        part="force",
        area="",
        where=str(row["force"]),
        force=str(row["force"]),
        subject=label(str(row["subject"])),
        **_figures(row),
        places=int(row["places"]),
        unusual=f"{_alike(row)} {unusual}",
        first=say_first("force"),
    )


def _alike(row: Mapping[Any, Any]) -> str:
    alike, places = int(row["alike"]), int(row["places"])
    return f"{'All' if alike == places else f'{alike} of'} its {places} partnerships moved this way."


def _single(row: Mapping[Any, Any], item: Listed, comparisons: int, label: Callable[[str], str]) -> Anomaly:
    kind = "within" if row["within_force"] else "change"
    return Anomaly(
        part="change",
        area=item.area,
        where=item.name,
        force=item.force,
        subject=label(str(row["subject"])),
        **_figures(row),
        places=1,
        unusual=say_odds(row["p_value"] * comparisons, comparisons),
        first=say_first(kind),
    )


def _figures(row: Mapping[Any, Any]) -> dict[str, Any]:
    names = {"before": "before", "after": "count", "percent": "percent", "common": "common"}
    names |= {name: name for name in ("z", "p_value", "adjusted")}
    return {name: _number(row[column]) for name, column in names.items()}


def _number(value: Any) -> float | None:
    return None if value is None or value is pd.NA or pd.isna(value) else float(value)


def break_anomalies(breaks: pd.DataFrame, listed: Sequence[Listed], label: Callable[[str], str]) -> tuple[Anomaly, ...]:
    """Return the breaks in the figures of the forces and areas listed.

    Parameters
    ----------
    breaks : pandas.DataFrame
        As `places.data_breaks.fold_by_force` returns it, by ONS code.
    listed, label
        As `change_anomalies`.
    """
    by_code, with_report = _by_code(listed), {item.force for item in listed}
    found = []
    for row in breaks.to_dict("records"):
        whole = Listed("", str(row["force"]), "", str(row["force"]))
        items = by_code.get(row["place"], ()) if row["place"] else [whole] if row["force"] in with_report else []
        found += [_break(row, item, label) for item in items]
    return tuple(found)


def _break(row: Mapping[Any, Any], item: Listed, label: Callable[[str], str]) -> Anomaly:
    before, after, kind = _number(row["before"]), _number(row["count"]), str(row["kind"])
    percent = 100 * (after / before - 1) if before and after is not None and kind == "jump" else None
    return Anomaly(
        part="break",
        area=item.area,
        where=item.name,
        force=item.force,
        subject=f"{label(str(row['subject']))}, {say_period(str(row['period']))}",
        before=before,
        after=after,
        percent=percent,
        common=None,
        places=int(row["places"]),
        z=None,
        p_value=None,
        adjusted=None,
        unusual=say_break(kind, int(row["places"])),
        first=say_first(kind),
    )


def report_anomalies(reports: Sequence[ReportFacts]) -> tuple[Anomaly, ...]:
    """Return the questions that the reports themselves raise.

    A line for each area with many rows set aside: over 1% and over three times the middle area's share. Checks to look
    at, and statements that there is nothing to report, have a line for each area, or, if most areas or
    at least `ALIKE` have the same, one for all of these.
    """
    return (*_checks(reports), *_set_aside(reports), *_statements(reports))


def _of_report(item: Listed | None, **fields: Any) -> Anomaly:
    none = dict.fromkeys(("before", "after", "percent", "common", "z", "p_value", "adjusted"))
    about = {"area": item.area if item else "", "where": item.name if item else ""}
    return Anomaly(**{"part": "report", **about, "force": item.force if item else "", "places": 1, **none, **fields})


def _checks(reports: Sequence[ReportFacts]) -> list[Anomaly]:
    named = {item.listed: item.look for item in reports if item.look}
    return _folded(named, len(reports), "Checks of the data", "checks", lambda look: f"To look at: {'; '.join(look)}.")


def _set_aside(reports: Sequence[ReportFacts]) -> list[Anomaly]:
    shares = [item.percent_aside for item in reports if item.percent_aside is not None]
    middle = float(np.median(shares)) if shares else 0.0
    return [
        _of_report(
            item.listed,
            subject="Rows set aside, per cent",
            before=middle,
            after=item.percent_aside,
            unusual=say_share_aside(item.percent_aside, middle),
            first=say_first("set aside"),
        )
        for item in reports
        if item.percent_aside is not None and item.percent_aside > max(MANY_PERCENT, MANY_TIMES * middle)
    ]


def _statements(reports: Sequence[ReportFacts]) -> list[Anomaly]:
    named = {item.listed: item.letters for item in reports if item.letters}
    return _folded(named, len(reports), "Nothing to report", "statements", say_letters)


def _folded(
    named: Mapping[Listed, tuple[str, ...]],
    reports: int,
    subject: str,
    kind: str,
    say: Callable[[tuple[str, ...]], str],
) -> list[Anomaly]:
    """A line for each area; or one for all that have the same, if they are most areas or `ALIKE` of them."""
    counted = Counter(named.values())
    many = {what: number for what, number in counted.items() if number >= SEVERAL and number > reports / 2}
    many |= {what: number for what, number in counted.items() if number >= ALIKE}
    together = [
        _of_report(
            None,
            where="All areas" if number == reports else "Most areas" if number > reports / 2 else f"{number:,} areas",
            subject=subject,
            after=float(len(what)),
            places=number,
            unusual=f"{say(what)} {_having(number, reports)} reports have this.",
            first=say_first(kind),
        )
        for what, number in sorted(many.items(), key=lambda pair: -pair[1])
    ]
    alone = [
        _of_report(item, subject=subject, after=float(len(what)), unusual=say(what), first=say_first(kind))
        for item, what in named.items()
        if what not in many
    ]
    return [*together, *alone]


def _having(number: int, reports: int) -> str:
    return f"All {number:,}" if number == reports else f"{number:,} of {reports:,}"
