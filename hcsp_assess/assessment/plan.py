"""The partnership plan: priorities, work plan, progress on last year's, horizon scan, governance, duties, reviews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import pandas as pd

from hcsp_assess.assessment.consultation import NO_FIGURE, first_sentence
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.performance import Performance
from hcsp_assess.assessment.statute import PLAN, NothingToReport, requirements
from hcsp_assess.errors import InputError
from hcsp_assess.sources import text_sheet_kinds
from hcsp_assess.sources.text_sheet_kinds import Status
from hcsp_assess.sources.texts import TextFolder, place, signed_of, text_of, texts_of

HEADINGS, KINDS = text_sheet_kinds.HEADINGS, text_sheet_kinds.KINDS


@dataclass(frozen=True)
class Entry:
    """A line of the plan with its source: a driver, a duty, a review, a resource, a way of engaging.

    Attributes
    ----------
    fields : mapping of str to str
        What the file says, by field.
    source : str
        Document and section.
    """

    fields: Mapping[str, str]
    source: str


@dataclass(frozen=True)
class Action:
    """An action of last year's plan and how far it got.

    Attributes
    ----------
    status : str
        "done", "under way", "not started", "stopped" or "not known".
    evidence, source : str
        What shows it, and where that is.
    """

    priority: str
    what: str
    status: Status
    evidence: str
    source: str


@dataclass(frozen=True)
class Plan:
    """The plan of one year.

    Attributes
    ----------
    year, previous_year : str
        Financial years: "2013-14".
    priorities : pandas.DataFrame
        Rows of both years; columns of `sources.indicators.PRIORITIES`.
    work_plan : pandas.DataFrame
        Columns of `sources.indicators.WORK_PLAN`.
    strategy, governance : mapping of str to object
        Vision, years; body, members, responsible authorities.
    """

    year: str
    previous_year: str
    priorities: pd.DataFrame
    work_plan: pd.DataFrame
    strategy: Mapping[str, str]
    governance: Mapping[str, Any]
    themes: tuple[Entry, ...]
    drivers: tuple[Entry, ...]
    duties: tuple[Entry, ...]
    reviews: tuple[Entry, ...]
    resources: tuple[Entry, ...]
    engagement: tuple[Entry, ...]
    actions: tuple[Action, ...]


def parse_plan(
    texts: TextFolder,
    priorities: pd.DataFrame,
    work_plan: pd.DataFrame,
    own_governance: Mapping[str, Any] | None = None,
) -> Plan:
    """Parse an edition's plan from `plan.toml`, beside the published priorities and work plan.

    Parameters
    ----------
    priorities, work_plan : pandas.DataFrame
        As `sources.indicators.read_published` gives them.
    own_governance : mapping, optional
        The partnership's own `governance.toml`, for a plan that says nothing of governance.

    Raises
    ------
    InputError
        If the file is missing, a field is, a status or heading is none of the known ones, an action is under a
        priority that the year before did not have, or no role answers for the file.
    """
    file = texts.read("plan.toml", needed=True)
    where = f"{texts.name}/plan.toml"
    signed_of(where, {}, file.get("signed"))
    year, previous = text_of(where, file, "year"), text_of(where, file, "previous_year")
    known = set(priorities.loc[priorities["year"] == previous, "priority"])
    governance = dict(file.get("governance") or own_governance or {})
    for name in ("members", "responsible_authorities"):
        governance[name] = texts_of(f"{where}, governance", governance, name)
    return Plan(
        year=year,
        previous_year=previous,
        priorities=priorities,
        work_plan=work_plan,
        strategy=dict(file.get("strategy", {})),
        governance=governance,
        themes=_entries(texts, file, "theme", ("name", "kind", "why"), {"kind": KINDS}, ("finding",)),
        drivers=_entries(texts, file, "driver", ("heading", "name", "what", "effect"), {"heading": HEADINGS}),
        duties=_entries(texts, file, "duty", ("what", "how", "law")),
        reviews=_entries(texts, file, "review", ("what", "when")),
        resources=_entries(texts, file, "resource", ("what", "how")),
        engagement=_entries(texts, file, "engagement", ("what", "how")),
        actions=tuple(
            _action(place(texts, "plan.toml", "action", number, entry), entry, known)
            for number, entry in enumerate(file.get("action", []), 1)
        ),
    )


def priorities_table(plan: Plan) -> pd.DataFrame:
    """The priorities of the plan's year: "Priority", "Objective", "Co-ordinator", "Key partners"."""
    mine = plan.priorities[(plan.priorities["year"] == plan.year) & (plan.priorities["kind"] == "priority")]
    return pd.DataFrame(
        {
            "Priority": [f"{row.number}. {row.name_}" for row in mine.rename(columns={"name": "name_"}).itertuples()],
            "Objective": mine["objective"].to_list(),
            "Co-ordinator": mine["co_ordinator"].to_list(),
            "Key partners": mine["partners"].str.replace("; ", ", ").to_list(),
        }
    )


def themes_table(plan: Plan, findings: Mapping[str, Finding]) -> pd.DataFrame:
    """Cross-cutting themes and the monitor list: "Theme", "Standing", "What the data say".

    Each theme names findings, those that say most first; the first that the edition has with a figure is shown.
    """
    rows = []
    for item in plan.themes:
        beside = [findings[key] for key in item.fields["finding"].split() if key in findings and findings[key].evidence]
        said = first_sentence(beside[0]) if beside else NO_FIGURE
        rows.append((item.fields["name"], item.fields["kind"], said))
    return pd.DataFrame(rows, columns=["Theme", "Standing", "What the data say"])


def reasons_table(plan: Plan) -> pd.DataFrame:
    """Why each theme is cross-cutting or monitored: "Theme", "Why", "Source"."""
    rows = [(item.fields["name"], item.fields["why"], item.source) for item in plan.themes]
    return pd.DataFrame(rows, columns=["Theme", "Why", "Source"])


def work_plan_table(plan: Plan) -> pd.DataFrame:
    """The work plan: "Priority", "Objective", "Description", "Outcome", "Measures"; parts one after the other."""
    names = plan.priorities[plan.priorities["year"] == plan.year].set_index("priority")["name"]
    mine = plan.work_plan[plan.work_plan["year"] == plan.year]
    parts = mine.pivot_table(index="priority", columns="part", values="text", aggfunc=" ".join, sort=False)
    parts = parts.reindex(mine["priority"].drop_duplicates())[["objective", "description", "outcome", "measure"]]
    parts.columns = pd.Index(["Objective", "Description", "Outcome", "Measures"])
    parts.insert(0, "Priority", [names.get(key, key) for key in parts.index])
    return parts.reset_index(drop=True).fillna("none stated")


def actions_table(plan: Plan) -> pd.DataFrame:
    """Progress by action: "Action", "Priority", "Status", "Evidence", "Source"."""
    names = plan.priorities[plan.priorities["year"] == plan.previous_year].set_index("priority")["name"]
    rows = [(item.what, names[item.priority], item.status, item.evidence, item.source) for item in plan.actions]
    return pd.DataFrame(rows, columns=["Action", "Priority", "Status", "Evidence", "Source"])


def measures_table(plan: Plan, performances: Sequence[Performance]) -> pd.DataFrame:
    """Progress by measure: each indicator of last year's plan with its rating and the reason for it.

    Returns
    -------
    pandas.DataFrame
        Columns "Measure", "Priority", "Status", "Evidence". An indicator without a priority says so.
    """
    names = plan.priorities[plan.priorities["year"] == plan.previous_year].set_index("priority")["name"]
    rows = []
    for item in performances:
        priority = item.indicator.priority(item.year)
        evidence = item.rated.reason[:1].upper() + item.rated.reason[1:]
        status = f"{item.rated.symbol} {item.rated.rating}"
        rows.append((item.indicator.name, names.get(priority, "none"), status, evidence))
    return pd.DataFrame(rows, columns=["Measure", "Priority", "Status", "Evidence"])


def drivers_table(plan: Plan) -> pd.DataFrame:
    """The horizon scan under its seven headings; a heading without an entry says so."""
    rows = []
    for heading in HEADINGS:
        found = [item for item in plan.drivers if item.fields["heading"] == heading]
        rows += [
            (item.fields["name"], heading, item.fields["what"], item.fields["effect"], item.source) for item in found
        ] or [("None noted", heading, "none noted", "none", "none")]
    return pd.DataFrame(rows, columns=["Driver", "Heading", "What is happening", "Effect on the partnership", "Source"])


def entries_table(entries: Sequence[Entry], columns: Mapping[str, str]) -> pd.DataFrame:
    """Entries as a table; `columns` gives the heading of each field, and the source comes last."""
    rows = [[*(item.fields[name] for name in columns), item.source] for item in entries]
    return pd.DataFrame(rows, columns=[*columns.values(), "Source"])


def check_plan(plan: Plan, statements: Sequence[NothingToReport] = ()) -> list[str]:
    """List the contents that regulation 11 asks of a plan (in summary) and that this one lacks.

    A signed statement that there is nothing to report under an item counts, as for the assessment.
    """
    mine = plan.priorities[(plan.priorities["year"] == plan.year) & (plan.priorities["kind"] == "priority")]
    steps = plan.work_plan[plan.work_plan["year"] == plan.year]
    has = {
        "strategy": bool(plan.strategy.get("vision")),
        "priorities": len(mine) > 0,
        "steps": bool((steps["part"] == "description").any()),
        "resources": len(plan.resources) > 0,
        "measures": bool((steps["part"] == "measure").any()),
        "engagement": len(plan.engagement) > 0,
    }
    has |= {item.letter: True for item in statements if item.regulation == PLAN}
    return [item.letter for item in requirements(PLAN) if not has[item.letter]]


def require_plan(plan: Plan, statements: Sequence[NothingToReport] = ()) -> None:
    """Refuse a plan that lacks something that regulation 11 asks for; `InputError` names it."""
    if missing := check_plan(plan, statements):
        asked = {item.letter: item.asks for item in requirements(PLAN)}
        named = "; ".join(f"{letter} ({asked[letter]})" for letter in missing)
        raise InputError(f"the plan for {plan.year} lacks {named}: add it to plan.toml, or state why there is nothing")


def _entries(
    texts: TextFolder,
    file: Mapping[str, Any],
    name: str,
    needed: Sequence[str],
    allowed: Mapping[str, Sequence[str]] | None = None,
    optional: Sequence[str] = (),
) -> tuple[Entry, ...]:
    found = []
    for number, entry in enumerate(file.get(name, []), start=1):
        here = place(texts, "plan.toml", name, number, entry)
        fields = {field: text_of(here, entry, field) for field in needed}
        fields |= {field: text_of(here, entry, field, "") for field in optional}
        for field, words in (allowed or {}).items():
            if fields[field] not in words:
                raise InputError(f"{here} has the {field} {fields[field]!r}; there are {', '.join(words)}")
        found.append(Entry(fields, text_of(here, entry, "source")))
    return tuple(found)


def _action(where: str, entry: dict[str, Any], known: set[str]) -> Action:
    priority, what, evidence, source = (
        text_of(where, entry, name) for name in ("priority", "what", "evidence", "source")
    )
    if priority not in known:
        raise InputError(f"{where} is under {priority!r}, which was no priority then; there are {sorted(known)}")
    status: Any = entry.get("status")
    if status not in get_args(Status):
        raise InputError(f"{where} has the status {status!r}; there are {', '.join(get_args(Status))}")
    return Action(priority, what, status, evidence, source)
