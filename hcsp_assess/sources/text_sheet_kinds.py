"""What the spreadsheets of plan, scores and actions hold, sheet by sheet and column by column."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, get_args

from hcsp_assess.sources.text_kinds import ORIGINS, STATES

Status = Literal["done", "under way", "not started", "stopped", "not known"]
HEADINGS = ("Political", "Economic", "Social", "Technological", "Environmental", "Legal", "Organisational")
KINDS = ("cross-cutting", "monitored")
Form = Literal["text", "list", "number", "date"]


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet, or a line of a sheet of single fields.

    Attributes
    ----------
    heading, field, about : str
        As printed; the field of the entry that it fills ("scores.physical.0"); what to write.
    needed : bool
        Whether each row must have a value.
    allowed : tuple of str
        Values to choose from; empty for any.
    form : str
        "text", "list" (values with ";" between), "number" or "date".
    choices : str
        Name of a list that an edition gives: "findings", "priorities", "themes"; "" for none.
    """

    heading: str
    field: str
    about: str
    needed: bool = False
    allowed: tuple[str, ...] = ()
    form: Form = "text"
    choices: str = ""


@dataclass(frozen=True)
class SheetKind:
    """A sheet: a table with a row for each entry, or single fields one below the other where `table` is ""."""

    title: str
    table: str
    columns: tuple[SheetColumn, ...]


@dataclass(frozen=True)
class Book:
    """A spreadsheet: its name, what it is called, the TOML file that holds the same, and its sheets."""

    name: str
    title: str
    file: str
    sheets: tuple[SheetKind, ...]


_SOURCE = SheetColumn("Source", "source", "Document and section, or who said so.", needed=True)
_STATE = SheetColumn("State", "state", "Drafts are shown in the restricted edition alone.", allowed=STATES)
_SIGNED = (
    SheetColumn("Role", "author_role", "Who answers for it: a role, never a person's name.", needed=True),
    SheetColumn("Date", "date", "Day of the last review, such as 31 October 2026.", needed=True, form="date"),
    SheetColumn("Origin", "origin", "Where the words are from.", needed=True, allowed=ORIGINS),
    SheetColumn("Source", "source", "Document and section, where it is quoted or after a source."),
    _STATE,
)


def _entries(title: str, table: str, *columns: SheetColumn) -> SheetKind:
    return SheetKind(title, table, (*columns, _SOURCE))


def _needed(heading: str, field: str, about: str, allowed: tuple[str, ...] = ()) -> SheetColumn:
    return SheetColumn(heading, field, about, needed=True, allowed=allowed)


def _plan() -> Book:
    """The plan: single fields, bodies, and a sheet for each table."""
    signed = tuple(
        SheetColumn(item.heading, f"signed.{item.field}", item.about, item.needed, item.allowed, item.form)
        for item in _SIGNED
    )
    about = (
        _needed("Year of the plan", "year", "Financial year, such as 2026-27."),
        _needed("Year before", "previous_year", "Financial year whose plan the actions are of."),
        *signed,
        _needed("Vision", "strategy.vision", "In a sentence."),
        _needed("Years of the strategy", "strategy.years", "Its years, and when it is revised."),
        _needed("Source of vision and years", "strategy.source", "Document and section."),
        _needed("Body in charge", "governance.body", "The strategy group of the partnership."),
        SheetColumn("Other board", "governance.other_board", "A board that shares members with it, if any."),
        _needed("Source on bodies", "governance.source", "Document and section."),
    )
    yes = ("yes", "no")
    bodies = (
        _needed("Body", "name", "A body, never a person."),
        SheetColumn("Member", "members", "Whether it is a member of the body in charge.", allowed=yes),
        SheetColumn("Responsible authority", "responsible_authorities", "As the law names them.", allowed=yes),
        SheetColumn("On both boards", "both_boards", "Whether it is on the other board too.", allowed=yes),
    )
    return Book(
        "plan", "The partnership plan", "plan.toml",
        (
            SheetKind("About the plan", "", about),
            SheetKind("Bodies", "bodies", bodies),
            *_plan_tables(),
        ),
    )  # fmt: skip


def _plan_tables() -> tuple[SheetKind, ...]:
    """The sheets of the plan that have a row for each entry."""
    finding = SheetColumn(
        "Findings", "finding", "Keys of findings, spaces between; the first is shown.", choices="findings"
    )
    return (
        _entries("Themes", "theme", _needed("Theme", "name", "Its name."),
                 _needed("Standing", "kind", "Cross-cutting or monitored.", KINDS),
                 _needed("Why", "why", "Why it is on the list."), finding),
        _entries("Horizon scan", "driver", _needed("Heading", "heading", "One of seven.", HEADINGS),
                 _needed("Driver", "name", "A short name."), _needed("What is happening", "what", "In a sentence."),
                 _needed("Effect", "effect", "What it means for the partnership.")),
        _entries("Duties", "duty", _needed("Duty", "what", "A short name."),
                 _needed("How it is met", "how", "In a sentence."), _needed("Law", "law", "The law.")),
        _entries("Reviews", "review", _needed("What is reviewed", "what", "Plan, strategy, assessment."),
                 _needed("When", "when", "How often, and the next date.")),
        _entries("Resources", "resource", _needed("Resource", "what", "Money, people, buildings."),
                 _needed("How it is used", "how", "In a sentence.")),
        _entries("Engagement", "engagement", _needed("Way of engaging", "what", "A short name."),
                 _needed("How", "how", "In a sentence.")),
    )  # fmt: skip


def _actions() -> Book:
    columns = (
        SheetColumn("Priority", "priority", "A priority of last year's plan.", needed=True, choices="priorities"),
        _needed("Action", "what", "What was to be done."),
        _needed("Status", "status", "How far it got.", get_args(Status)),
        _needed("Evidence", "evidence", "What shows it."),
        _STATE,
    )
    return Book("actions", "Progress on last year's actions", "plan.toml", (_entries("Actions", "action", *columns),))


def _scores() -> Book:
    """The issues scored for priority: two columns for each question of the scoring scheme."""
    text = (resources.files("hcsp_assess") / "definitions" / "prioritisation.toml").read_text(encoding="utf-8")
    scheme = tomllib.loads(text)
    scale, confidence = (tuple(str(item["value"]) for item in scheme[name]) for name in ("scale", "confidence"))
    questions = [
        column
        for item in scheme["component"]
        for column in (
            SheetColumn(
                f"{item['name']}: score", f"scores.{item['key']}.0", item["asks"], allowed=scale, form="number"
            ),
            SheetColumn(f"{item['name']}: evidence", f"scores.{item['key']}.1", "What the score rests on."),
        )
    ]
    columns = (
        _needed("Key", "key", "A short name in small letters, such as domestic_abuse."),
        _needed("Issue", "name", "As printed."),
        SheetColumn("Finding", "finding", "Finding that gives frequency and trend, if any.", choices="findings"),
        SheetColumn("Subject for the county", "theme", "In two-tier areas.", choices="themes"),
        SheetColumn("Confidence", "confidence", "How far the scores can be trusted.", True, confidence, "number"),
        _needed("Why this confidence", "confidence_why", "In a few words."),
        SheetColumn("Judged all the same", "judged", "Questions that are not taken from the finding.", form="list"),
        *questions,
        *_SIGNED,
    )
    return Book("scores", "Scores for priorities", "scores.toml", (SheetKind("Scores", "item", columns),))


@cache
def books() -> dict[str, Book]:
    """Return the spreadsheets by name."""
    return {book.name: book for book in (_plan(), _scores(), _actions())}
