"""The texts of an edition in one list: those that are there, and those that its figures and chapters ask for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hcsp_assess.errors import UsageError
from hcsp_assess.lab.form.evidence import findings_to_quote
from hcsp_assess.lab.form.open_text import OpenText, opened_text
from hcsp_assess.lab.form.step import Chosen
from hcsp_assess.setup.edition_texts import quoted_for, started_text, text_files, title_of
from hcsp_assess.sources.text_files import NOT_WRITTEN, kind_of
from hcsp_assess.sources.text_kinds import BY_FOLDER, TEXT_KINDS, THEMES, TextKind
from hcsp_assess.subject.editions import edition

#: Directions of a finding that call for a reason.
CHANGES = ("rising", "falling", "higher", "lower")


@dataclass(frozen=True)
class ListedText:
    """A text to write or to change.

    Attributes
    ----------
    path : Path
        Its file, which may not be there yet.
    kind : TextKind
        What kind of text it is.
    key, title, state : str
        What it is about; its title; "draft", "reviewed", "approved" or "not written yet".
    evidence : str
        What the figures say of it, a line for each finding.
    started : str
        The file as it would be started.
    """

    path: Path
    kind: TextKind
    key: str
    title: str
    state: str
    evidence: str
    started: str

    @property
    def name(self) -> str:
        """Folder and name: "reasons/shoplifting.md"."""
        return f"{self.kind.folder}/{self.path.name}"

    def opened(self) -> OpenText:
        """Open it."""
        return opened_text(self.path, self.kind, self.key, self.started)


def listed_texts(chosen: Chosen) -> tuple[ListedText, ...]:
    """Return the texts of an edition, those not written yet too, in order of their kinds.

    Offered are a reason for each change that the figures show, and what each theme of the report means.
    """
    by_key = {str(item["key"]): item for item in findings_to_quote(chosen)}
    root = chosen.project.root
    there = [
        _listed(item.path, BY_FOLDER[item.kind], item.theme, by_key, title=item.title, state=item.state)
        for item in text_files(chosen.edition, root)
    ]
    known = {(item.kind.folder, item.key) for item in there}
    chapters = edition(chosen.edition, root).chapters
    wanted = [("reasons", key) for key, item in by_key.items() if item.get("direction") in CHANGES]
    wanted += [(kind, theme) for kind in ("summaries", "so-what") for theme in THEMES if theme in chapters]
    offered = [_new(chosen, BY_FOLDER[kind], key, by_key) for kind, key in wanted if (kind, key) not in known]
    order = [kind.folder for kind in TEXT_KINDS]
    return tuple(sorted([*there, *offered], key=lambda item: order.index(item.kind.folder)))


def other_text(chosen: Chosen, folder: str, about: str) -> ListedText:
    """Return a text of any kind and theme, to be started.

    Raises
    ------
    UsageError
        If nothing is given, or there is no such theme; the message names the nearest.
    """
    key = "_".join(about.strip().lower().replace("-", " ").split())
    kind = BY_FOLDER[folder]
    key = key or (kind.names[0] if len(kind.names) == 1 else "")
    if not key:
        raise UsageError(f"type what the text is about: {', '.join(kind.names) or 'a short name, such as shoplifting'}")
    _, wrong = kind_of(f"{folder}/{key}.md")
    if wrong:
        raise UsageError(wrong.what)
    by_key = {str(item["key"]): item for item in findings_to_quote(chosen)}
    return _new(chosen, kind, key, by_key)


def _new(chosen: Chosen, kind: TextKind, key: str, by_key: dict[str, dict[str, Any]]) -> ListedText:
    path = chosen.project.root / "editions" / chosen.edition / kind.folder / f"{key}.md"
    return _listed(path, kind, key, by_key)


def _listed(
    path: Path, kind: TextKind, key: str, by_key: dict[str, dict[str, Any]], *, title: str = "", state: str = ""
) -> ListedText:
    quoted = quoted_for(key, by_key)
    evidence = "\n".join(str(item["sentence"]) for item in quoted)
    started = started_text(kind, key, quoted)
    return ListedText(path, kind, key, title or title_of(kind, key, quoted), state or NOT_WRITTEN, evidence, started)
