"""Start a new edition or chapter that already runs and is ready to edit."""

import datetime as dt
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hcsp_assess.assessment.statute import strategy_subjects
from hcsp_assess.errors import InputError, UsageError, did_you_mean
from hcsp_assess.periods import parse_span
from hcsp_assess.project import WORKING, Project, bundled
from hcsp_assess.setup.edition_texts import last_findings, write_edition_texts
from hcsp_assess.subject.areas import Area, own_areas
from hcsp_assess.subject.areas import area as find_area
from hcsp_assess.subject.editions import RETURNS, STREET, Edition, edition, editions, parse_edition

#: Kinds of source that a new edition takes over: what was published for one year says nothing about the next.
KEPT_KINDS = ("street-level archive", "partners' returns")
#: The edition in the package whose sources of records and returns are named as any area's.
OPEN_DATA = "2025"
#: The chapters of the first edition of an area; one without anything to show is left out of its report.
FIRST_CHAPTERS = (
    *("summary", "about_area", "comparison", "levels_and_changes", "crime_trends", "rural_crime", "shoplifting"),
    *("outcomes", "stop_and_search", "where", "serious_violence", "domestic_abuse", "alcohol", "offending"),
    *("feeling_safe", "road_safety", "education", "equality", "consultation", "priorities", "intake", "data_quality"),
)
#: Those of them that count street-level records, which an area without small areas has none of.
OF_RECORDS = (
    *("about_area", "levels_and_changes", "crime_trends", "rural_crime", "shoplifting", "outcomes"),
    *("stop_and_search", "where", "data_quality"),
)
EDITION_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,59}")
CHAPTER_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
#: Names that Windows keeps for devices, whatever their ending.
RESERVED = {"con", "prn", "aux", "nul"} | {f"{device}{number}" for device in ("com", "lpt") for number in range(10)}


@dataclass(frozen=True)
class Started:
    """What was written, and what a person does next.

    Attributes
    ----------
    files : tuple of Path
        New files; none of them was there before.
    to_do : tuple of str
        Next steps, each a sentence.
    """

    files: tuple[Path, ...]
    to_do: tuple[str, ...]


def check_edition_name(key: str) -> None:
    """Refuse a name that no edition can have, with a `UsageError`."""
    if not EDITION_NAME.fullmatch(key) or key.lower() in RESERVED:
        raise UsageError(f"an edition cannot be called {key!r}: use letters, digits, - and _, such as 2026-27")


def new_edition(key: str, project: Project, *, period: str = "", area: str = "") -> Started:
    """Write the definition of a new edition into a project, from the newest of its area that rests on real records.

    An edition of another area is never its base nor its previous one: the first edition of an area has the standard
    chapters, and nothing to compare with.

    Parameters
    ----------
    key : str
        Name of the edition, such as "2026-27".
    project : Project
        `editions/KEY.toml` is written, and texts to fill in are started in `editions/KEY/`, with nothing stated yet.
    period : str
        The twelve months assessed, as `periods.parse_span` reads them; by default the edition's name.
    area : str
        Key of the area; by default that of the newest edition in the project, or the project's only area.

    Raises
    ------
    UsageError
        If the name cannot be one of a file, there is an edition of that name, or the period is not twelve months.
    InputError
        If the area has no definition, or no edition rests on real records.
    """
    check_edition_name(key)
    known = editions(project.root)
    folder = project.root / "editions"
    if key in known or (folder / key).exists():
        raise UsageError(f"there is already an edition {key}: choose another name, or edit its definition file")
    here = find_area(area or _usual_area(known, project), project.root)
    last = _newest([item for item in known.values() if item.area == here.key])
    previous = last.key if last is not None else ""
    last = last if last is not None else _first(here, known)
    text = _edition_text(key, _period(key, period), here.key, last, project)
    made = parse_edition(key, text)  # what is written can be read
    files = {
        folder / key / "texts.toml": _texts_text(key, previous),
        folder / f"{key}.toml": text,
    }
    steps = [f"review editions/{key}.toml: the title, the months ({made.span.words}), the chapters"]
    if made.has_source(STREET):
        steps.append(
            f"put the archives from data.police.uk (zip files or folders) in {made.source(STREET).folder}, earlier "
            "years too: a trend needs 24 months, preferably 48; `hcsp-assess fetch archive` downloads them"
        )
    steps.append(
        f"write the texts in editions/{key}/ (docs/texts.md); for what the law requires and the edition does not have, "
        f"say in editions/{key}/nothing-to-report/ why: without them a run does not publish, and names what is missing"
    )
    if previous and not (project.reports / previous / "findings.json").exists():
        steps.append(f"build the edition to compare with, if it is not built yet: hcsp-assess run {previous}")
    steps.append(f"then: hcsp-assess check {key}, and hcsp-assess run {key}")
    texts = write_edition_texts(
        key, project, findings=last_findings(previous, project) if previous else (), country=here.country
    )
    return Started((*_write_new(files), *texts), tuple(steps))


def _usual_area(known: dict[str, Edition], project: Project) -> str:
    """The area of the project's newest edition; without one, its only area, or that of the software's own edition."""
    mine = {path.stem for path in (project.root / "editions").glob("*.toml")}
    last = _newest([item for key, item in known.items() if key in mine])
    keys = own_areas(project.root)
    if last is None and len(keys) > 1:
        raise UsageError(f"say which area the edition is of, with --area: {', '.join(keys)}")
    if last is None and keys:
        return keys[0]
    last = last or _newest(list(known.values()))
    if last is None:
        raise InputError("this project has no edition with real records to start from: add one to editions/ first")
    return last.area


def _newest(known: list[Edition]) -> Edition | None:
    """The newest edition that rests on real records, or None; a county's is of other kind."""
    real = [item for item in known if not item.simulated and not item.districts]
    return max(real, key=lambda item: item.span.last, default=None)


def _first(here: Area, known: dict[str, Edition]) -> Edition:
    """What the first edition of an area begins with: the standard chapters, and sources that no other area has."""
    standard = edition(OPEN_DATA)
    street, returns = (replace(standard.source(key), counts="") for key in (STREET, RETURNS))
    others = {item.folder for other in known.values() if other.area != here.key for item in other.sources}
    if returns.folder in others:
        returns = replace(returns, folder=f"{returns.folder}@{here.key}")
    sources = (street, returns) if here.small_areas else (returns,)
    chapters = tuple(name for name in FIRST_CHAPTERS if here.small_areas or name not in OF_RECORDS)
    return Edition("", "", "", here.key, parse_span("2025"), sources, chapters)


def new_chapter(name: str, project: Project, *, title: str = "", edition: str = "") -> Started:
    """Write a new chapter: a notebook with a title, its parameters cell and one call, which already runs.

    Parameters
    ----------
    name : str
        Name of the notebook in `notebooks/`: small letters, digits and _.
    title : str
        Heading; by default made of the name.
    edition : str
        Edition that the notebook shows unless another is named; by default the newest that rests on real records.

    Raises
    ------
    UsageError
        If the name cannot be used, there is such a notebook already, or there is no such edition.
    """
    if not CHAPTER_NAME.fullmatch(name) or name in RESERVED:
        raise UsageError(
            f"a chapter cannot be called {name!r}: use small letters, digits and _, beginning with a letter, "
            "such as farm_machinery"
        )
    if name in (*project.chapter_names(), *WORKING):
        raise _taken(name, project)
    known = editions(project.root)
    if edition and edition not in known:
        raise UsageError(f"there is no edition {edition!r}; choose one of {', '.join(known)}")
    real = [item for item in known.values() if not item.simulated] or list(known.values())
    chosen = edition or max(real, key=lambda item: item.span.last).key
    heading = " ".join((title or name.replace("_", " ").capitalize()).split())
    steps = (
        f"open notebooks/{name}.ipynb in JupyterLab (hcsp-assess lab) and edit it; put calculations in a module and "
        "call them from the notebook",
        f"add it to an edition: in editions/EDITION.toml, in its place in the order, write [[chapters]] and under it "
        f'notebook = "{name}"',
        'if it covers a legal requirement, add its letters under it: letters = ["a"] (docs/statute.md)',
    )
    path = project.notebooks / f"{name}.ipynb"
    return Started(tuple(_write_new({path: _notebook_text(name, heading, chosen)})), steps)


def take_chapter(name: str, project: Project) -> Started:
    """Copy a chapter that comes with the package into the project, to be changed: the project's own is used from then.

    Parameters
    ----------
    name : str
        Name of the chapter, such as "crime_trends".

    Raises
    ------
    UsageError
        If the package has no such chapter, or the project has its own already.
    """
    theirs = Project(bundled("")).chapter_names()
    if name not in theirs:
        hint = did_you_mean(name, theirs)
        raise UsageError(f"no chapter {name!r} comes with the software; choose one of {', '.join(theirs)}.{hint}")
    path = project.notebooks / f"{name}.ipynb"
    if path.exists():
        raise _taken(name, project)
    steps = (
        f"open notebooks/{name}.ipynb in JupyterLab (hcsp-assess lab) and edit it: every edition of this project with "
        "this chapter now uses it",
        f"later versions of the software leave your copy as it is: to use theirs again, remove notebooks/{name}.ipynb",
    )
    return Started(tuple(_write_new({path: bundled(f"notebooks/{name}.ipynb").read_text(encoding="utf-8")})), steps)


def _taken(name: str, project: Project) -> UsageError:
    """The error for the name of a chapter that there is."""
    if (project.notebooks / f"{name}.ipynb").exists():
        return UsageError(f"there is already a notebook {name}.ipynb: choose another name, or edit it")
    return UsageError(
        f"a notebook {name}.ipynb comes with the software: choose another name, or, to change the software's chapter, "
        f"copy it with hcsp-assess new chapter --from {name}"
    )


def _period(key: str, period: str) -> str:
    try:
        span = parse_span(period or key)
    except InputError as error:
        raise UsageError(f"{error}; give the period with --period") from error
    if len(span.months) != 12:
        raise UsageError(f"the period of edition {key}, {span}, is not twelve months: give it with --period")
    return period or key


def _edition_text(key: str, period: str, area: str, last: Edition, project: Project) -> str:
    kept = [source for source in last.sources if source.kind in KEPT_KINDS]
    sources = "\n".join(map(_source_text, kept)) or "sources = []\n"
    chapters = "\n".join(_chapter_text(name, last, project) for name in _chapters(period, last, project))
    based = f", based on the edition {last.key}" if last.key else ""
    return (
        f"# The edition {key}{based}. `hcsp-assess run {key}` builds it.\n"
        f"{_pair('title', f'Strategic assessment {key}')}"
        "# Key of the area assessed: a definition in areas/ of the project, or one that comes with the package.\n"
        f"{_pair('area', area)}"
        "# The twelve months assessed: 2026-27 (April to March), 2026 (a calendar year) or 2026-07 to 2027-06.\n"
        f"{_pair('period', period)}"
        "# An introduction for readers: the data in this edition, and its limits.\n"
        'about = ""\n'
        "# Date of the register of partners' returns; by default the day after the last quarter's returns were due.\n"
        "# register_day = 2027-05-01\n\n"
        "# Its sources. Archives must have all years to be compared, not only the year assessed.\n"
        f"{sources}\n"
        "# The chapters, in the order of the report: notebooks/NAME.ipynb. `hcsp-assess new chapter NAME` starts one.\n"
        "# If a chapter covers a legal requirement that hcsp_assess/definitions/statute.toml does not list for it, "
        "add\n"
        '# letters = ["a"] under it.\n'
        f"{chapters}"
    )


def _chapters(period: str, last: Edition, project: Project) -> list[str]:
    """Chapters of the last edition, and those that the law has asked for since; not those that it asked for later."""
    span = parse_span(period)
    known = {item.key: item for item in strategy_subjects(dt.date.max) if item.since}
    in_force = {item.key for item in strategy_subjects(span.last.end_time.date())}
    later = {name for key, item in known.items() if key not in in_force for name in item.chapters}
    chapters = [name for name in last.chapters if name not in later]
    for key in in_force & known.keys():
        name = known[key].chapters[0]
        if not set(known[key].chapters) & set(chapters) and project.notebook(name).is_file():
            chapters.append(name)
    return chapters


def _source_text(source: Any) -> str:
    fields = ("key", "name", "kind", "folder")
    return "[[sources]]\n" + "".join(_pair(name, getattr(source, name)) for name in fields)


def _chapter_text(name: str, last: Edition, project: Project) -> str:
    letters = f"letters = {_list(last.letters[name])}\n" if name in last.letters else ""
    title = _title(project.notebook(name))
    return f"[[chapters]]{f'  # {title}' if title else ''}\n{_pair('notebook', name)}{letters}"


def _title(notebook: Path) -> str:
    """The first heading of a notebook, or ""."""
    import nbformat

    if not notebook.is_file():
        return ""
    cells = nbformat.read(notebook, as_version=4).cells
    return next((cell.source.splitlines()[0].lstrip("# ") for cell in cells if cell.source.startswith("# ")), "")


def _texts_text(key: str, previous: str) -> str:
    """What the texts are of; `previous` is the key of the last edition of the same area, "" for none."""
    if not previous:
        return (
            f"# The edition whose texts are in this folder: docs/texts.md explains the files that can be here.\n"
            f"{_pair('edition', key)}"
            "# The edition to compare with, which must have been built. This is the first of its area.\n"
            '# previous = ""\n'
        )
    return (
        f"# The edition whose texts are in this folder: docs/texts.md explains the files that can be here.\n"
        f"{_pair('edition', key)}"
        "# The edition to compare with, which must have been built. Leave this line out if there is none.\n"
        f"{_pair('previous', previous)}"
    )


def _notebook_text(name: str, heading: str, edition: str) -> str:
    """A notebook with cell ids that stay the same, as every chapter has them."""
    import nbformat

    slug = name.replace("_", "-")
    sources = [
        nbformat.v4.new_markdown_cell(f"# {heading}\n\nWhat this chapter asks, and the data behind its answer."),
        nbformat.v4.new_code_cell(f'edition: str = "{edition}"  # edition assessed', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(
            "from hcsp_assess import open_edition\nfrom hcsp_assess.chapters import levels_and_changes\n\n"
            "levels_and_changes.findings_headline(open_edition(edition))"
        ),
    ]
    for number, cell in enumerate(sources):
        cell["id"] = f"{slug[:50]}-{number:02d}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    node = nbformat.v4.new_notebook(cells=sources, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    nbformat.validate(node)
    return str(nbformat.writes(node)) + "\n"


def _write_new(files: dict[Path, str]) -> list[Path]:
    """Write files that must not be there yet; the last one makes the others count, so it comes last."""
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    return list(files)


def _pair(name: str, value: str) -> str:
    return f"{name} = {_quoted(value)}\n"


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, values))}]"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in value):
        raise UsageError(f"{value!r} has a line break or a control character: write it on one line")
    return f'"{escaped}"'
