"""Reviewed texts of an edition, each with a responsible role and a date."""

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from hcsp_assess.errors import InputError
from hcsp_assess.subject.editions import editions

#: Where a text comes from: word for word from a published document, in somebody's words after one, or new.
ORIGINS = ("quoted", "after the source", "written for the demonstration", "written for this edition")
#: How the names of texts end.
KINDS = (".toml", ".json")


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
        Contents of its files by name; an edition without a folder has none, and every file then reads as empty.
    """

    name: str
    files: Mapping[str, bytes] = field(default_factory=dict)

    def read(self, file: str, *, needed: bool = False) -> dict[str, Any]:
        """Return the fields of one TOML file.

        Raises
        ------
        InputError
            If it cannot be read, is `needed` and missing, or has a value where one or several tables should be.
        """
        if file not in self.files:
            if needed:
                raise InputError(
                    f"the reviewed texts {self.name} have no file {file}: see docs/statute.md for its contents"
                )
            return {}
        try:
            fields = tomllib.loads(self.text(file).removeprefix("\ufeff"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InputError(f"{self.name}/{file} cannot be read: {error}") from error
        check_tables(f"{self.name}/{file}", fields)
        return fields

    def text(self, file: str) -> str:
        """The text of a file of the folder, or ""."""
        return self.files.get(file, b"").decode("utf-8")


#: What is one table in a reviewed text, and what is a list of tables.
TABLES = ("signed", "governance", "strategy", "definition")
LISTS = (
    *("baseline", "item", "exercise", "said", "nothing", "action", "driver", "duty", "engagement", "resource"),
    *("review", "theme", "reason", "answer", "recommendation", "decision", "note", "matter"),
)


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
    """The texts of a folder; other files in it are ignored."""
    return {item.name: item.read_bytes() for item in folder.iterdir() if item.is_file() and item.name.endswith(KINDS)}


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
        where = f"{texts.name}/{file}, {name} {number}"
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
