"""Reviewed texts of an edition, each with a responsible role and a date."""

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from hcsp_assess.errors import InputError, did_you_mean
from hcsp_assess.sources.text_entries import FILE
from hcsp_assess.sources.text_files import NOT_WRITTEN, TextPage, page_of, same_names
from hcsp_assess.sources.text_kinds import BY_FOLDER, ORIGINS, PUBLISHED, STATES
from hcsp_assess.sources.text_sheets import BOOK_NAMES, book_of, read_book
from hcsp_assess.subject.editions import editions

#: How the names of texts end, beside those of plan, scores and actions (`BOOK_NAMES`).
KINDS = (".toml", ".json")
#: Files that an operating system leaves in folders.
_SYSTEM_FILES = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Signed:
    """Who answers for a text, and since when.

    Attributes
    ----------
    role : str
        A role, never a person's name: "partnership analyst".
    date : datetime.date
        Day it was written or last reviewed.
    origin : str
        One of `ORIGINS`.
    source : str
        Document and section; needed where the origin is "quoted" or "after the source".
    """

    role: str
    date: datetime.date
    origin: str
    source: str = ""

    @property
    def words(self) -> str:
        """Role, date and source, as printed beside the text."""
        whence = f"; {self.origin}" + (f": {self.source}" if self.source else "")
        return f"{self.role}, {self.date.day} {self.date:%B %Y}{whence}"


@dataclass(frozen=True)
class Note:
    """A reviewed text with its key, and who answers for it."""

    key: str
    text: str
    signed: Signed


@dataclass(frozen=True)
class TextFolder:
    """The reviewed texts of one edition, as they were when its folder was found.

    Attributes
    ----------
    name : str
        Name of the folder, for messages.
    files : mapping of str to bytes
        Contents of its files by name, those of Markdown in folders ("reasons/shoplifting.md"); an edition without a
        folder has none, and every file then reads as empty.
    states : tuple of str
        States of the texts that are read; drafts are not among them.
    """

    name: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    states: tuple[str, ...] = PUBLISHED

    def read(self, file: str, *, needed: bool = False) -> dict[str, Any]:
        """Return the fields of one TOML file, with what Markdown files and spreadsheets have of the same subject.

        Entries of another state than `states` are left out; one without a state counts as reviewed.

        Raises
        ------
        InputError
            If it cannot be read, is `needed` and missing, has a value where one or several tables should be, or a
            Markdown file or spreadsheet of the subject has a problem that stops a run: all of them are named.
        """
        fields = self._toml(file)
        check_tables(f"{self.name}/{file}", fields)
        for table, entries in self._written(file).items():
            _join(f"{self.name}/{file}", fields, table, entries)
        found = _in_state(f"{self.name}/{file}", fields, self.states)
        if needed and not found:
            raise InputError(
                f"the reviewed texts {self.name} have no file {file}: see docs/statute.md for its contents"
            )
        return found

    @property
    def drafts(self) -> "TextFolder":
        """The same folder with its drafts alone, for the restricted edition."""
        return replace(self, states=STATES[:1])

    @property
    def pages(self) -> tuple[TextPage, ...]:
        """Every Markdown file of the folder as read, by kind and name; files with another ending are not among them."""
        order = list(BY_FOLDER)
        pages = [page_of(content, name) for name, content in self.files.items() if "/" in name]
        return tuple(sorted(pages, key=lambda page: (order.index(page.kind.folder), page.order, page.name)))

    def _toml(self, file: str) -> dict[str, Any]:
        if file not in self.files:
            return {}
        try:
            return tomllib.loads(self.text(file).removeprefix("\ufeff"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InputError(f"{self.name}/{file} cannot be read: {error}") from error

    def _written(self, file: str) -> dict[str, Any]:
        """What Markdown files and spreadsheets have of a subject, by table; `InputError` names every problem."""
        pages = [page for page in self.pages if page.kind.file == file]
        problems = [item for page in pages for item in page.problems if item.stops] + list(same_names(pages))
        found: dict[str, Any] = {}
        for page in pages:
            for table, entries in page.entries.items() if page.state != NOT_WRITTEN else ():
                found[table] = found.get(table, []) + [dict(entry) for entry in entries]
        for name in sorted(name for name in self.files if book_of(name) == file):
            book = read_book(self.files[name], name)
            problems += book.problems
            for table, value in book.fields.items():
                found[table] = found[table] + value if isinstance(found.get(table), list) else value
        if problems:
            raise InputError("; ".join(f"{self.name}/{item.where}: {item.what}" for item in problems))
        if "definition" in found:
            found["definition"] = found["definition"][0]
        return found

    def text(self, file: str) -> str:
        """The text of a file of the folder, or ""."""
        return self.files.get(file, b"").decode("utf-8")


#: What is one table in a reviewed text, and what is a list of tables.
TABLES = ("signed", "governance", "strategy", "definition")
LISTS = (
    *("baseline", "item", "exercise", "said", "nothing", "action", "driver", "duty", "engagement", "resource"),
    *("review", "theme", "reason", "answer", "recommendation", "decision", "note", "matter"),
)


def _join(where: str, fields: dict[str, Any], table: str, entries: Any) -> None:
    """Put entries of Markdown files or a spreadsheet beside those of the TOML file; both having one is refused."""
    if table not in fields:
        fields[table] = entries
    elif isinstance(entries, list) and isinstance(fields[table], list):
        fields[table] = [*fields[table], *entries]
    else:
        raise InputError(f"{where} and a newer file of the same subject both have {table}: remove one of them")


def _in_state(where: str, fields: dict[str, Any], states: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a file without the entries of other states; nothing where it has no entry left."""
    signed = fields.get("signed", {})
    kept: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
            if chosen := [entry for entry in value if _state(f"{where}, {name}", entry, signed) in states]:
                kept[name] = chosen
        elif _state(f"{where}, {name}", value if isinstance(value, dict) else {}, signed) in states:
            kept[name] = value
    held = [name for name in fields if name != "signed"]
    return kept if not held or any(name in kept for name in held) else {}


def _state(where: str, entry: Mapping[str, Any], signed: Mapping[str, Any]) -> str:
    state = entry.get("state", signed.get("state", "reviewed"))
    if state not in STATES:
        near = did_you_mean(str(state), STATES) or f" There are {', '.join(STATES)}."
        raise InputError(f"{where} has the state {state!r}, which is not known.{near}")
    return str(state)


def place(texts: TextFolder, file: str, name: str, number: int, entry: Mapping[str, Any]) -> str:
    """Return where an entry is, for messages: its own file, or its number in the file of all."""
    return f"{texts.name}/{entry[FILE]}" if FILE in entry else f"{texts.name}/{file}, {name} {number}"


def place_of_kind(texts: TextFolder, kind: str) -> str:
    """Return where the texts of a kind are, for messages: the TOML file if the edition has it, else their folder.

    Examples
    --------
    >>> place_of_kind(TextFolder("editions/2026-27"), "nothing-to-report")
    'editions/2026-27/nothing-to-report'
    """
    file = BY_FOLDER[kind].file
    return f"{texts.name}/{file if file in texts.files else kind}"


def check_tables(where: str, fields: Mapping[str, Any]) -> None:
    """Refuse a reviewed text with a plain value where a table, or a list of tables, should be."""
    for name, value in fields.items():
        if name in TABLES and not isinstance(value, dict):
            raise InputError(f"{where}: {name} must be a table: write [{name}] on a line of its own")
        if name in LISTS and not (isinstance(value, list) and all(isinstance(entry, dict) for entry in value)):
            raise InputError(f"{where}: {name} must be a list of tables: write [[{name}]] above each entry")


def find_texts(edition: str, root: Path | None = None) -> TextFolder:
    """Find the reviewed texts of an edition, and read them.

    A project's own folder ``editions/EDITION/`` wins over one that comes with the package, which is any folder in
    `definitions/` whose `texts.toml` names the edition. An edition for its own area is the edition: for either name,
    ``editions/EDITION/`` and ``editions/EDITION@AREA/`` are looked at, the one of that name first. No other area's
    texts are ever used.

    Parameters
    ----------
    edition : str
        Key of the edition.
    root : Path, optional
        Root of the project.
    """
    if root is not None and (root / "editions" / edition).is_dir():
        return TextFolder(f"editions/{edition}", _contents(root / "editions" / edition))
    other = _other_name(edition, root)
    if root is not None and other and (root / "editions" / other).is_dir():
        return TextFolder(f"editions/{other}", _contents(root / "editions" / other))
    for folder in sorted((resources.files("hcsp_assess") / "definitions").iterdir(), key=lambda item: item.name):
        about = folder / "texts.toml"
        if about.is_file() and tomllib.loads(about.read_text(encoding="utf-8")).get("edition") in (edition, other):
            return TextFolder(folder.name, _contents(folder))
    return TextFolder(f"editions/{edition}")


def _other_name(edition: str, root: Path | None) -> str:
    """The other name of an edition for its own area: with the area behind "@", or without; "" for another area."""
    name, at, place = edition.partition("@")
    known = editions(root).get(name)
    if known is None or (at and known.area != place):
        return ""
    return name if at else f"{name}@{known.area}"


def _contents(folder: Traversable) -> dict[str, bytes]:
    """The texts of a folder and of the folders in it that hold Markdown; other files are ignored."""
    found: dict[str, bytes] = {}
    for item in folder.iterdir():
        name = item.name.lower()
        if item.is_dir() and name in BY_FOLDER:
            found |= {f"{item.name}/{each.name}": each.read_bytes() for each in item.iterdir() if _is_text(each)}
        elif _is_text(item) and (name.endswith(KINDS) or name in BOOK_NAMES):
            found[item.name] = item.read_bytes()
    return dict(sorted(found.items()))


def _is_text(item: Traversable) -> bool:
    """Whether a file is one that a person put there, rather than one that a program left."""
    return item.is_file() and not item.name.startswith((".", "~$")) and item.name.lower() not in _SYSTEM_FILES


def signed_of(where: str, entry: dict[str, Any], defaults: dict[str, Any] | None = None) -> Signed:
    """Return who answers for an entry: `author_role`, `date`, `origin` and `source`.

    Parameters
    ----------
    where : str
        Name of file and entry, for messages.
    defaults : dict, optional
        Values for a whole file, under its table `[signed]`.

    Raises
    ------
    InputError
        If the role, the date or the origin is missing, the origin is unknown, or a quotation has no source.
    """
    given = {**(defaults or {}), **entry}
    role, date, origin = given.get("author_role", ""), given.get("date"), given.get("origin", "")
    if not isinstance(role, str) or not role.strip():
        raise InputError(f"{where} has no author_role: add the role that is responsible for it")
    if not isinstance(date, datetime.date) or isinstance(date, datetime.datetime):
        raise InputError(f"{where} has no date: write date = 2012-10-31, without quotation marks")
    if origin not in ORIGINS:
        raise InputError(f"{where} has the origin {origin!r}: it must be one of {', '.join(ORIGINS)}")
    source = str(given.get("source", ""))
    if origin in ORIGINS[:2] and not source.strip():
        raise InputError(f"{where} is {origin!r} but has no source: name the document and section")
    return Signed(role.strip(), date, origin, source)


def notes_of(texts: TextFolder, file: str, name: str) -> tuple[Note, ...]:
    """Return the notes `[[name]]` of a file, each with a key and a text; `InputError` names the one at fault."""
    fields = texts.read(file)
    found = []
    for number, entry in enumerate(fields.get(name, []), start=1):
        where = place(texts, file, name, number, entry)
        signed = signed_of(where, entry, fields.get("signed"))
        text, key = text_of(where, entry, "text"), text_of(where, entry, "key")
        found.append(Note(key, text, signed))
    return tuple(found)


def text_of(where: str, entry: dict[str, Any], name: str, default: str | None = None) -> str:
    """Return a field that must be a text; `InputError` names file, entry and field where it is not."""
    value = entry.get(name, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise InputError(f'{where} has no {name}: write {name} = "..."')
    return value.strip()


def texts_of(where: str, entry: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return a field that must be a list of texts; an absent one is empty."""
    value = entry.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f"{where}: {name} must be a list of texts")
    return tuple(value)


def check_unique(where: str, keys: list[str]) -> None:
    """Refuse a file in which two entries have the same key."""
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise InputError(f"{where} has two entries with the same key: {', '.join(twice)}")
