"""Editions of the assessment: the area, twelve months, sources and chapters of each."""

import datetime as dt
import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

from hcsp_assess.errors import InputError, UsageError, did_you_mean
from hcsp_assess.periods import Span, parse_span
from hcsp_assess.project import definition_files, read_definition
from hcsp_assess.subject.own_definitions import PERFORMANCE, own_file, own_folder

SourceKind = Literal[
    "street-level archive", "simulated archive", "published figures", "partners' returns", "simulated returns"
]
#: Keys of the sources that the software itself looks for in an edition: street-level records, and partners' returns.
STREET, RETURNS = "police_uk", "returns"
#: Kind of a source of figures that a partnership published, and key of the one that is the area's own indicators.
PUBLISHED: SourceKind = "published figures"
OWN_INDICATORS = "own_indicators"
#: The chapter on indicators, and the chapters that it comes after.
PERFORMANCE_CHAPTER, BEFORE_IT = "performance_overview", ("summary", "about_area")
#: Kinds of street-level source of which small areas' counts may be published; a partner's own records may not.
OPEN_KINDS = ("street-level archive", "simulated archive")
#: Files that may be in a folder of data without being data; hidden ones (.gitkeep, .DS_Store) are not either.
_NOT_DATA = frozenset({"readme.md", "thumbs.db", "desktop.ini"})


def is_data(name: str) -> bool:
    """Whether a name in a data folder is of data: not a hidden file, a README, or what a file manager leaves behind."""
    return not name.startswith(".") and name.casefold() not in _NOT_DATA


@dataclass(frozen=True)
class Source:
    """What an edition is made from.

    Attributes
    ----------
    key : str
        Short name, unique within the edition.
    name : str
        What a reader should know it as.
    kind : str
        "street-level archive", "simulated archive", "published figures", "partners' returns" or "simulated returns".
    folder : str
        Where the files as received are, from the project's root; "" for figures that come with the package.
    counts : str
        Folder of a committed table of counts that serves while `folder` holds no street-level files; "" for none.
    """

    key: str
    name: str
    kind: SourceKind
    folder: str = ""
    counts: str = ""

    @property
    def simulated(self) -> bool:
        """Whether the records are simulated; the mark follows them into every chart and table."""
        return self.kind in ("simulated archive", "simulated returns")

    @property
    def is_open(self) -> bool:
        """Whether counts of its records by small area, and checksums of its files, may be published."""
        return self.kind in OPEN_KINDS


@dataclass(frozen=True)
class CountyDistrict:
    """A partnership of a county, and where its assessment is.

    Attributes
    ----------
    name, code : str
        Name of the partnership's area for readers, and the partnership's ONS code, such as E22000332.
    edition : str
        Its edition in the same project; "" where `folder` is given.
    folder : str
        Folder with its published `findings.json` and `run.json` as received, from the project's root; else "".
    """

    name: str
    code: str
    edition: str = ""
    folder: str = ""


@dataclass(frozen=True)
class Edition:
    """One strategic assessment, as its definition file states it.

    Attributes
    ----------
    key : str
        Name on the command line and of the folder in `reports/`.
    title, about : str
        Heading and introduction of the report.
    area : str
        Key of the area assessed.
    span : Span
        The twelve months assessed.
    chapters : tuple of str
        Names of notebooks, in the order of the report.
    letters : dict
        Letters of the law's list that a chapter answers, where its definition file says so; the others' are in
        `definitions/statute.toml`.
    register_day : datetime.date or None
        Day of the register of partners' returns; None means the day after the last quarter's returns were due.
    left_out : tuple of str
        Chapters that its definition names and the report leaves out, since the edition has nothing for them.
    districts : tuple of CountyDistrict
        For an edition of a county: its partnerships, each with its assessment. Else none.
    """

    key: str
    title: str
    about: str
    area: str
    span: Span
    sources: tuple[Source, ...]
    chapters: tuple[str, ...]
    letters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    register_day: dt.date | None = None
    left_out: tuple[str, ...] = ()
    districts: tuple[CountyDistrict, ...] = ()

    @property
    def simulated(self) -> bool:
        """Whether any source is simulated."""
        return any(source.simulated for source in self.sources)

    def has_source(self, key: str) -> bool:
        """Whether it rests on a source of that key."""
        return any(source.key == key for source in self.sources)

    def source(self, key: str) -> Source:
        """Return the source of that key; raises `InputError` if the edition has none."""
        for source in self.sources:
            if source.key == key:
                return source
        raise InputError(f"edition {self.key} has no source {key!r}: its definition file lists {self._source_keys()}")

    def marked_simulated(self, key: str) -> "Edition":
        """Return the edition with a source whose own data say that they are simulated, whatever its definition says."""
        found = self.source(key)
        if found.simulated:
            return self
        kind: SourceKind = "simulated returns" if key == RETURNS else "simulated archive"
        return replace(self, sources=tuple(replace(s, kind=kind) if s.key == key else s for s in self.sources))

    def _source_keys(self) -> str:
        return ", ".join(source.key for source in self.sources)


def editions(root: Path | None = None) -> dict[str, Edition]:
    """Return every edition that can be built, by key.

    Parameters
    ----------
    root : Path, optional
        Root of a project: definition files in its folder `editions/` join those that come with the package, and win
        where both have a name.

    Raises
    ------
    InputError
        If a definition file cannot be read; the message names the file and the field.
    """
    files = definition_files("editions", root)
    return {key: parse_edition(key, read_definition(files[key], f"editions/{key}.toml")) for key in sorted(files)}


def edition(key: str, root: Path | None = None) -> Edition:
    """Return one edition.

    Parameters
    ----------
    key : str
        Its name, such as "2025", or the name of an edition and the key of an area, as in "2025@shropshire": the same
        period, sources and chapters for another partnership.
    root : Path, optional
        As `editions`.

    Raises
    ------
    UsageError
        Naming those that exist, where there is none of that name.
    InputError
        If there is no such area, or the edition rests on sources of its own area alone.
    """
    known = editions(root)
    if key in known:
        return _with_own_indicators(known[key], root)
    name, at, place = key.partition("@")
    if at and name in known:
        return _with_own_indicators(_for_area(known[name], place, root), root)
    hint = did_you_mean(key, known, cutoff=0.5)
    raise UsageError(f"there is no edition {key!r}; there are {', '.join(known)}.{hint}")


def _for_area(known: Edition, place: str, root: Path | None) -> Edition:
    """The edition for another area: street-level files are shared; counts, returns and texts are the area's own."""
    from hcsp_assess.subject.areas import area

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", place):
        raise UsageError(f"{place!r} is not the key of an area")
    area(place, root)
    if place == known.area:
        return replace(known, key=f"{known.key}@{place}")
    if known.districts:
        raise InputError(
            f"edition {known.key} cannot be made for {place}: it is of the county {known.area} and its partnerships. "
            "Write one of its own: hcsp-assess new county"
        )
    bound = [source.name for source in known.sources if source.simulated or source.kind == PUBLISHED]
    if bound:
        raise InputError(
            f"edition {known.key} cannot be made for {place}: {bound[0]} is of {known.area}. Write one of its own"
        )
    own = tuple(
        replace(source, folder=f"{source.folder}@{place}")
        if source.kind == "partners' returns"
        else replace(source, counts="")
        for source in known.sources
    )
    return replace(known, key=f"{known.key}@{place}", area=place, sources=own)


def _with_own_indicators(known: Edition, root: Path | None) -> Edition:
    """The edition with its area's own indicators, where it has any, and the chapter that shows them.

    An edition that rests on simulated records keeps the figures that it was simulated around.
    """
    from hcsp_assess.subject.areas import area

    fixed = known.simulated and any(source.kind == PUBLISHED for source in known.sources)
    folder = own_folder(known.area, root)
    figures = any(own_file(folder, name) is not None for name in PERFORMANCE)
    if fixed or known.districts or not figures:
        return known
    name = f"Performance indicators of {area(known.area, root).contact_name}"
    mine = Source(OWN_INDICATORS, name, PUBLISHED, f"areas/{known.area}")
    sources = tuple(source for source in known.sources if source.kind != PUBLISHED)
    chapters = list(known.chapters)
    if PERFORMANCE_CHAPTER not in chapters:
        place = max((chapters.index(each) + 1 for each in BEFORE_IT if each in chapters), default=0)
        chapters.insert(place, PERFORMANCE_CHAPTER)
    return replace(known, sources=(*sources, mine), chapters=tuple(chapters))


def parse_edition(key: str, text: str) -> Edition:
    """Read a definition file's text; `InputError` names the edition and the field at fault."""
    try:
        fields = tomllib.loads(text)
        span = parse_span(str(fields["period"]))
        chapters = tuple(str(chapter["notebook"]) for chapter in fields["chapters"])
        sources = tuple(_source(key, item) for item in fields["sources"])
        letters = {str(c["notebook"]): tuple(map(str, c["letters"])) for c in fields["chapters"] if "letters" in c}
        about = fields.get("about", "").strip()
        day = fields.get("register_day")
        if day is not None and type(day) is not dt.date:
            raise ValueError(f"register_day is {day!r}; write a date without quotation marks, such as 2013-04-30")
        title, place = _text(fields, "title"), _text(fields, "area")
        districts = tuple(_district(item) for item in fields.get("districts", []))
        result = Edition(key, title, about, place, span, sources, chapters, letters, day, districts=districts)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"definition of edition {key} cannot be used: {_reason(error)}") from error
    if len(span.months) != 12:
        raise InputError(f"definition of edition {key}: its period, {span}, is not twelve months")
    _check_districts(result)
    return result


def _source(key: str, item: dict[str, Any]) -> Source:
    if item["kind"] not in get_args(SourceKind):
        raise InputError(f"unknown kind of source {item['kind']!r}; there are {', '.join(get_args(SourceKind))}")
    return Source(**{name: _text(item, name) for name in item})


def _district(item: Any) -> CountyDistrict:
    if not isinstance(item, dict):
        raise TypeError("districts must be a list of tables: write [[districts]] above each partnership")
    if unknown := sorted(set(item) - {"name", "code", "edition", "folder"}):
        raise ValueError(f"[[districts]] has {', '.join(unknown)}; it may have name, code, and edition or folder")
    made = CountyDistrict(**{name: _text(item, name).strip() for name in ({"name", "code"} | set(item))})
    if not made.name or not made.code:
        raise ValueError("each of [[districts]] needs a name and the ONS code of its partnership")
    if bool(made.edition) == bool(made.folder):
        raise ValueError(f"the district {made.name} needs either its edition here, or the folder of its files")
    parts = PurePosixPath(made.folder.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in made.folder:
        raise ValueError(f"the folder {made.folder!r} of {made.name} must be in the project, from its root")
    return made


def _check_districts(made: Edition) -> None:
    """Refuse a county that names a partnership twice, or has sources of its own."""
    for what in ("code", "edition", "folder", "name"):
        given = [value for item in made.districts if (value := getattr(item, what))]
        if twice := sorted({value for value in given if given.count(value) > 1}):
            raise InputError(
                f"definition of edition {made.key}: two of its districts have the {what} {twice[0]!r}; name each once"
            )
    if made.key in [item.edition for item in made.districts]:
        raise InputError(f"definition of edition {made.key}: it names itself as one of its districts; name another")
    if made.districts and made.sources:
        raise InputError(
            f"definition of edition {made.key}: an edition of a county has districts and no sources. Write sources = []"
        )


def _text(fields: dict[str, Any], name: str) -> Any:
    if not isinstance(fields[name], str):
        raise TypeError(f'{name} must be text: write {name} = "..."')
    return fields[name]


def _reason(error: Exception) -> str:
    return f"the field {error} is missing" if isinstance(error, KeyError) else str(error)
