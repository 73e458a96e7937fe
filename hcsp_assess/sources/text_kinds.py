"""Kinds of text that people write for an edition: their folder, what their header has, and where they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Where a text comes from: word for word from a published document, in somebody's words after one, or new.
ORIGINS = ("quoted", "after the source", "written for the demonstration", "written for this edition")
#: How far a text has got. Only the last two are published.
STATES = ("draft", "reviewed", "approved")
PUBLISHED = ("reviewed", "approved")
#: What every header may have, with the field of the normalised entry.
COMMON = {"role": "author_role", "date": "date", "state": "state", "origin": "origin", "source": "source"}
#: Chapters that end with what they mean.
THEMES = (
    *("crime_trends", "rural_crime", "shoplifting", "domestic_abuse"),
    *("alcohol", "offending", "feeling_safe", "road_safety"),
)


@dataclass(frozen=True)
class TextKind:
    """One kind of text.

    Attributes
    ----------
    folder : str
        Folder of its files in ``editions/EDITION/``; each file is named after a theme, a finding or a letter.
    title, asks : str
        What it is called, and what its writer is asked for.
    file, table : str
        The TOML file and the table in it that hold the same texts.
    key, body : str
        Fields that the file's name and its text fill.
    fields : mapping of str to str
        Names in the header, beside `COMMON`, with the field that each fills.
    needed : tuple of str
        Those of them that a reviewed text must have.
    lists : tuple of str
        Those with several values.
    sections : mapping of str to str
        Headings in the text whose part fills a field of its own; all are needed.
    names : tuple of str
        Names that its files can have; empty for any.
    """

    folder: str
    title: str
    asks: str
    file: str
    table: str
    key: str = "key"
    body: str = "text"
    fields: Mapping[str, str] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    sections: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    @property
    def header(self) -> dict[str, str]:
        """Every name that its header may have, with the field that it fills."""
        return {"title": "title", **self.fields, **COMMON, "order": ""}


#: Consultation has a file for each exercise, in which each thing said is under a heading with these fields.
SAID = {"share": "percent", "wanted": "priority", "beside": "compare", **COMMON}

TEXT_KINDS = (
    TextKind(
        "summaries", "In short", "What should a reader remember of this theme? Two or three sentences.",
        "summaries.toml", "summary", key="theme", names=THEMES,
    ),
    TextKind(
        "reasons", "Reason for change", "Why did this change, who says so, and how well is that supported?",
        "reasons.toml", "reason", fields={"about": "about", "support": "support"},
        needed=("title", "about", "support"), lists=("about",),
    ),
    TextKind(
        "so-what", "What this means", "What does this mean for the partnership? At most 60 words.",
        "so_what.toml", "theme", key="theme", body="means",
        fields={"lead": "lead", "by": "by", "works": "works"}, lists=("works",),
        sections={"Suggested action": "action"}, names=THEMES,
    ),
    TextKind(
        "consultation", "What people said", "One heading for each thing that people said, and below it what they said.",
        "consultation.toml", "exercise", body="",
        fields={"method": "method", "held": "held", "answered": "base"}, needed=("title", "method", "held", "answered"),
    ),
    TextKind(
        "recommendations", "Recommendation", "What should be done?",
        "recommendations.toml", "recommendation", fields={"to": "to", "about": "findings"},
        needed=("to",), lists=("about",), sections={"Why": "because"},
    ),
    TextKind(
        "answers", "Answer to a recommendation of the last assessment", "What became of the recommendation?",
        "recommendations.toml", "answer", key="recommendation", fields={"status": "status"}, needed=("status",),
    ),
    TextKind(
        "decisions", "Decision on priorities", "What was decided on the priorities, by whom, and why?",
        "scores.toml", "decision",
    ),
    TextKind(
        "about-the-area", "About the area", "What should a reader know of the area that figures cannot say?",
        "area.toml", "about",
    ),
    TextKind(
        "county-matters", "Matter for the county", "What should the county's strategy group look at?",
        "county_matters.toml", "matter", fields={"theme": "theme", "about": "findings"},
        needed=("theme", "about"), lists=("about",), sections={"Why": "because"},
    ),
    TextKind(
        "nothing-to-report", "Nothing to report", "Complete the sentence: there is nothing to report because ...",
        "nothing_to_report.toml", "nothing", key="letter", body="because", fields={"regulation": "regulation"},
    ),
    TextKind(
        "serious-violence", "Definition of serious violence", "What does the partnership count as serious violence?",
        "serious_violence.toml", "definition", key="", fields={"offences": "offences"}, needed=("offences",),
        lists=("offences",), names=("definition",),
    ),
)  # fmt: skip
#: Kinds by the folder of their files.
#: The chapter that prints a kind of text, by the folder of its files, where no other chapter does.
CHAPTER_OF_TEXT = {
    "reasons": "changes_since",
    "consultation": "consultation",
    "recommendations": "priorities",
    "decisions": "priorities",
}
BY_FOLDER = {kind.folder: kind for kind in TEXT_KINDS}
