"""Add a source of partners' returns, or chapters, to the definition of an edition without touching the rest of it."""

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hcsp_assess.edition.chapter_sources import chapter_sources
from hcsp_assess.edition.returns import register_day
from hcsp_assess.errors import InputError
from hcsp_assess.files import write_whole
from hcsp_assess.project import Project, definition_files, read_definition
from hcsp_assess.setup.open_data import ABOUT
from hcsp_assess.subject.editions import RETURNS, Edition, Source, edition, editions, parse_edition

#: Chapters at the end of a report: another chapter is put before the first of them that the edition has.
LAST = ("changes_since", "consultation", "performance_overview", "plan", "priorities", "intake", "data_quality")
REGISTER = "intake"
#: The introduction of an edition that has been given its first returns, where it is as it was set up.
WITH_RETURNS = (
    "This edition uses official recorded crime, and returns of partners. It shows how much crime was recorded, how "
    "that compares with similar areas, and which offences cause most harm. Street-level records can be added."
)
_TABLE = re.compile(r"\s*\[")
_NO_SOURCES = re.compile(r"\s*sources\s*=\s*\[\s*\]\s*(#.*)?")
_DAY = re.compile(r"\s*register_day\s*=")
_CHAPTER = re.compile(r"""\s*notebook\s*=\s*["'](\w+)["']""")


def returns_folder(chosen: Edition, project: Project) -> Path:
    """Return the folder of an edition's returns, or the one that it would have.

    An edition without returns gets `returns` in `data/raw`, or `returns@AREA` where the first is of another area: no
    partnership's returns may be counted as another's.
    """
    if chosen.has_source(RETURNS):
        return project.root / chosen.source(RETURNS).folder
    plain = project.raw / RETURNS
    name = plain.relative_to(project.root).as_posix()
    others = [item for item in editions(project.root).values() if item.area != chosen.area]
    taken = any(source.folder == name for item in others for source in item.sources)
    return plain.with_name(f"{RETURNS}@{chosen.area}") if taken else plain


def chapters_of_return(name: str) -> tuple[str, ...]:
    """Return the chapters that show a return, and the register of returns.

    Examples
    --------
    >>> chapters_of_return("marac")
    ('domestic_abuse', 'intake')
    """
    shown = [item.chapter for item in chapter_sources().values() if name in item.returns and not item.always]
    return (*shown, REGISTER)


def add_return_parts(key: str, name: str, project: Project, *, day: dt.date) -> tuple[str, ...]:
    """Make an edition read its returns and show one of them; return what was added, in words.

    Parameters
    ----------
    key : str
        The edition; of one for another area, such as "official-2025-06@shropshire", the definition for all is changed.
    name : str
        Name of the return, such as "marac".
    day : datetime.date
        When it was received: the register of an earlier day, which would leave it out, becomes of this day.

    Raises
    ------
    InputError
        If its definition lists its sources or chapters in one line; the message says what to write.
    """
    chosen = edition(key, project.root)
    folder = returns_folder(chosen, project).relative_to(project.root).as_posix()
    chapters = [chapter for chapter in chapters_of_return(name) if _has_notebook(chapter, project)]
    later = day if day > register_day(chosen) else None
    return _add(key.partition("@")[0], project, "" if chosen.has_source(RETURNS) else folder, chapters, later)


def add_chapters(key: str, chapters: Sequence[str], project: Project) -> tuple[str, ...]:
    """Add chapters to an edition that it does not have yet; return what was added, in words."""
    return _add(key.partition("@")[0], project, "", list(chapters))


def _add(name: str, project: Project, folder: str, chapters: list[str], day: dt.date | None = None) -> tuple[str, ...]:
    file = definition_files("editions", project.root)[name]
    label = f"editions/{name}.toml"
    text = read_definition(file, label)
    before = parse_edition(name, text)
    new = [chapter for chapter in chapters if chapter not in before.chapters]
    if not folder and not new and day is None:
        return ()
    lines = text.splitlines()
    if folder:  # the introduction is corrected only where it is as it was set up
        lines = [line.replace(json.dumps(ABOUT), json.dumps(WITH_RETURNS)) for line in lines]
    lines = _with_source(lines, folder, label) if folder else lines
    lines = _with_day(lines, day) if day else lines
    for chapter in new:
        lines = _with_chapter(lines, chapter, label)
    changed = "\n".join(lines) + "\n"
    _require_only_added(before, parse_edition(name, changed), folder, new, label, day)
    write_whole(project.root / "editions" / f"{name}.toml", changed.encode())
    said = ["partners' returns"] if folder else []
    said += [f"the chapter {_title(chapter)}" for chapter in new]
    return (*said, *([f"a register of returns of {day.day} {day:%B %Y}"] if day else []))


def _with_source(lines: list[str], folder: str, label: str) -> list[str]:
    without = [line for line in lines if not _NO_SOURCES.fullmatch(line)]
    if len(without) == len(lines) and not any(line.strip() == "[[sources]]" for line in lines):
        raise InputError(f"{label} lists its sources in one line: write each below a line [[sources]], then try again")
    source = {"key": RETURNS, "name": "Returns of partners", "kind": "partners' returns", "folder": folder}
    block = ["[[sources]]", *(f"{field} = {json.dumps(value)}" for field, value in source.items()), ""]
    place = next((number for number, line in enumerate(without) if line.strip() == "[[chapters]]"), len(without))
    return [*without[:place], *block, *without[place:]]


def _with_day(lines: list[str], day: dt.date) -> list[str]:
    """The lines with another day of the register, above the first table."""
    begins = next((number for number, line in enumerate(lines) if _TABLE.match(line)), len(lines))
    kept = [line for line in lines[:begins] if not _DAY.match(line)]
    while kept and not kept[-1].strip():
        kept.pop()
    return [*kept, f"register_day = {day.isoformat()}", "", *lines[begins:]]


def _with_chapter(lines: list[str], chapter: str, label: str) -> list[str]:
    begins = [number for number, line in enumerate(lines) if line.partition("#")[0].strip() == "[[chapters]]"]
    if not begins:
        raise InputError(
            f"{label} lists its chapters in one line: write each below a line [[chapters]], then try again"
        )
    block = ["[[chapters]]", f"notebook = {json.dumps(chapter)}", ""]
    for begin in begins:
        found = next((match for line in lines[begin + 1 :] if (match := _CHAPTER.match(line))), None)
        if found and found[1] in LAST and (chapter not in LAST or LAST.index(chapter) < LAST.index(found[1])):
            return [*lines[:begin], *block, *lines[begin:]]
    ends = next((n for n in range(begins[-1] + 1, len(lines)) if _TABLE.match(lines[n])), len(lines))
    return [*lines[:ends], *([""] if lines[ends - 1].strip() else []), *block[:2], *lines[ends:]]


def _require_only_added(
    before: Edition, after: Edition, folder: str, new: list[str], label: str, day: dt.date | None
) -> None:
    """Refuse to write a definition in which anything else has changed."""
    added = (Source(RETURNS, "Returns of partners", "partners' returns", folder),) if folder else ()
    kept = tuple(chapter for chapter in after.chapters if chapter not in new)
    about = WITH_RETURNS if folder and before.about == ABOUT else before.about
    known = replace(before, about=about, register_day=day or before.register_day)
    same = replace(after, sources=before.sources, chapters=before.chapters) == known
    if not same or after.sources != (*before.sources, *added) or kept != before.chapters:
        raise InputError(f"{label} could not be changed safely: add the source or chapter to it by hand")


def _title(chapter: str) -> str:
    """What a chapter is called, in quotation marks: the subject that it is listed under, else its name in words."""
    known = chapter_sources().get(chapter)
    others = {REGISTER: "What this edition does not cover", "changes_since": "Changes since the last assessment"}
    return f"“{known.subject if known else others.get(chapter, chapter.replace('_', ' ').capitalize())}”"


def _has_notebook(chapter: str, project: Project) -> bool:
    return project.notebook(chapter).is_file()
