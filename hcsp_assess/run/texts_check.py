"""The texts that an edition has, and every problem in them, before a run."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hcsp_assess.edition.published import strategy_of
from hcsp_assess.errors import InputError, Problem, did_you_mean, nearest
from hcsp_assess.project import Project
from hcsp_assess.run.preflight_texts import problems_of_texts
from hcsp_assess.sources.findings_file import FINDINGS, read_findings
from hcsp_assess.sources.own_indicators import Strategy
from hcsp_assess.sources.text_files import NOT_WRITTEN, SUFFIX, TextPage, decode_text, same_names
from hcsp_assess.sources.text_header import split_header
from hcsp_assess.sources.text_kinds import BY_FOLDER, CHAPTER_OF_TEXT, PUBLISHED, THEMES
from hcsp_assess.sources.text_sheets import book_of, read_book
from hcsp_assess.sources.texts import TextFolder, find_texts
from hcsp_assess.subject.areas import area
from hcsp_assess.subject.editions import Edition


@dataclass(frozen=True)
class TextFile:
    """One text of an edition, for lists and forms.

    Attributes
    ----------
    path : Path
        The file.
    kind : str
        Its folder: "reasons", "so-what".
    theme : str
        Theme, finding or letter that it is about, from its name.
    title, role, date : str
        As its header has them; "" without.
    state : str
        "draft", "reviewed", "approved" or "not written yet".
    """

    path: Path
    kind: str
    theme: str
    title: str
    state: str
    role: str
    date: str


def text_files(edition: str, root: Path) -> tuple[TextFile, ...]:
    """Return the Markdown texts of an edition, in the order of the report.

    Parameters
    ----------
    edition : str
        Key of the edition.
    root : Path
        Root of the project.
    """
    folder = find_texts(edition, root)
    return tuple(
        TextFile(
            root / folder.name / page.name, page.kind.folder, page.key, page.title, page.state, page.role, page.date
        )
        for page in _in_order(folder.pages)
    )


def _in_order(pages: Iterable[TextPage]) -> list[TextPage]:
    themes = {name: number for number, name in enumerate(THEMES)}
    kinds = list(BY_FOLDER)

    def place(page: TextPage) -> tuple[int, int, int, str]:
        return kinds.index(page.kind.folder), page.order, themes.get(page.key, len(themes)), page.key

    return sorted(pages, key=place)


def texts_problems(edition: Edition, project: Project) -> tuple[Problem, ...]:
    """Find every problem in the texts and spreadsheets of an edition, all of them at once.

    Returns
    -------
    tuple of Problem
        In the order of their files. Keys of findings are compared with the last report of the edition, if there is one.
    """
    folder = find_texts(edition.key, project.root)
    pages = folder.pages
    found = [Problem(f"{folder.name}/{item.where}", item.what, item.stops) for page in pages for item in page.problems]
    found += [Problem(f"{folder.name}/{item.where}", item.what) for item in same_names(pages)]
    for name in folder.files:
        if book_of(name):
            book = read_book(folder.files[name], name)
            found += [Problem(f"{folder.name}/{item.where}", item.what, item.stops) for item in book.problems]
    found += _strange_files(project.root / folder.name)
    found += _not_shown(edition, folder, project)
    known = _finding_keys(edition.key, project)
    for page in pages if known else ():
        found += _unknown_findings(folder, page, known)
    known_already = [item.what for item in found if item.stops]
    rest = _without(folder, {item.where for item in found if item.stops})
    for item in problems_of_texts(edition, rest, usable_strategy(edition, project)):
        if not any(what in item.what for what in known_already):
            found.append(item)
    return tuple(dict.fromkeys(found))


def _without(folder: TextFolder, places: Collection[str]) -> TextFolder:
    """The texts without the Markdown files at fault, so that those of the same kind are looked at all the same."""
    faulty = {place.partition(", line ")[0].removeprefix(f"{folder.name}/") for place in places}
    kept = {name: content for name, content in folder.files.items() if name not in faulty or "/" not in name}
    return replace(folder, files=kept)


def usable_strategy(edition: Edition, project: Project) -> Strategy | None:
    """Return the indicators of an edition; None without any, or where they cannot be read: a check names that."""
    try:
        return strategy_of(edition, area(edition.area, project.root))
    except InputError:
        return None


def _strange_files(folder: Path) -> list[Problem]:
    """Files and folders beside the texts that are nearly texts and are not read."""
    found = []
    for item in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = item.name.lower()
        if item.name.startswith((".", "~$")) or name in BY_FOLDER:
            continue
        if item.is_dir():
            near = nearest(name, BY_FOLDER)
            if near or any(each.suffix.lower() == SUFFIX for each in item.iterdir()):
                told = f" Did you mean {near}?" if near else f" The folders are {', '.join(BY_FOLDER)}."
                found.append(
                    Problem(f"editions/{folder.name}/{item.name}", f"no texts are read from this folder.{told}")
                )
        elif item.suffix.lower() in (SUFFIX, ".docx", ".doc") and name != "readme.md":
            what = f"this file is not read: put it in the folder of its kind ({', '.join(BY_FOLDER)}) as a .md file"
            found.append(Problem(f"editions/{folder.name}/{item.name}", what))
    return found


def _not_shown(edition: Edition, folder: TextFolder, project: Project) -> list[Problem]:
    """Texts that are to be published, of a kind whose chapter the edition does not have."""
    if not (project.root / folder.name).is_dir():
        return []
    return [
        Problem(
            f"{folder.name}/{page.name}",
            f"It is {page.state}, and this edition has no chapter that prints it. To add the chapter: "
            f"hcsp-assess texts start {edition.key} {page.kind.folder} {page.key}",
            stops=False,
        )
        for page in folder.pages
        if page.state in PUBLISHED and CHAPTER_OF_TEXT.get(page.kind.folder, "") not in ("", *edition.chapters)
    ]


def _finding_keys(edition: str, project: Project) -> tuple[str, ...]:
    """Keys of the findings of an edition's last report; empty without one."""
    return tuple(item["key"] for item in last_findings(edition, project))


def last_findings(edition: str, project: Project) -> list[dict[str, Any]]:
    """Return the findings of an edition's last report, as its `findings.json` has them; empty without one."""
    path = project.reports / edition / FINDINGS
    try:
        return list(read_findings(path)["findings"]) if path.is_file() else []
    except InputError:
        return []


def _unknown_findings(folder: TextFolder, page: TextPage, known: Sequence[str]) -> list[Problem]:
    """Findings that a text is about and that the last report does not have; it stops a run where none is known."""
    name = next((each for each, target in page.kind.fields.items() if target in ("about", "findings")), "")
    target = page.kind.fields.get(name, "")
    about = [key for entry in page.entries.get(page.kind.table, []) for key in entry.get(target, [])]
    strange = [key for key in about if key not in known and page.state != NOT_WRITTEN]
    none_known = len(strange) == len(about)
    line = split_header(decode_text(folder.files[page.name])[0]).lines.get(name, 1)
    return [
        Problem(
            f"{folder.name}/{page.name}, line {line}",
            f"it is about the finding {key!r}, which the last report does not have.{did_you_mean(key, known)}",
            stops=none_known and bool(nearest(key, known)) and page.state != "draft",
        )
        for key in strange
    ]
