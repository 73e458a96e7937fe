"""Start the texts of an edition with their evidence quoted above the writing space, and renew that evidence."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hcsp_assess.assessment.measures import measure_of
from hcsp_assess.assessment.statute import requirements
from hcsp_assess.assessment.wording.words import upper_first
from hcsp_assess.errors import InputError, Problem, UsageError, did_you_mean
from hcsp_assess.project import Project
from hcsp_assess.run.texts_check import TextFile, last_findings, text_files, texts_problems
from hcsp_assess.sources.text_body import EVIDENCE, EVIDENCE_END
from hcsp_assess.sources.text_files import SUFFIX, TextPage, key_of, kind_of, save_text
from hcsp_assess.sources.text_kinds import BY_FOLDER, THEMES, TextKind
from hcsp_assess.sources.texts import find_texts
from hcsp_assess.subject.areas import area
from hcsp_assess.subject.editions import edition as find_edition

__all__ = [
    "TextFile",
    "last_findings",
    "refresh_evidence",
    "start_text",
    "text_files",
    "texts_after_run",
    "texts_problems",
    "write_edition_texts",
]

#: Most reasons that a new edition starts: those of the changes that its last findings have.
MOST_REASONS = 12
#: Findings quoted as evidence for a theme, by what their keys begin with.
BEGINS = {
    "crime_trends": ("level_total", "recorded_crime", "official_level", "official_rising", "official_falling"),
    "rural_crime": ("rural",),
    "shoplifting": ("shoplifting", "official_shoplifting"),
    "domestic_abuse": ("domestic", "marac", "performance_marac", "helpline", "series_marac"),
    "alcohol": ("alcohol", "drugs", "treatment", "ae_"),
    "offending": ("reoffending", "offend", "iom", "performance_reoff"),
    "feeling_safe": ("feel_safe", "performance_feel_safe", "concern"),
    "road_safety": ("road", "performance_killed", "ksi", "casualties"),
}
MOST_QUOTED = 5
#: What a person fills in, as a started file has it.
_FIELDS = {
    "title": "",
    "about": "[]",
    "support": "not established",
    "to": "",
    "method": "",
    "held": "",
    "answered": "",
    "status": "",
    "theme": "",
    "offences": "[]",
}


def write_edition_texts(
    edition: str, project: Project, *, findings: Sequence[Mapping[str, Any]] = (), country: str = "England"
) -> tuple[Path, ...]:
    """Start the texts of an edition, with the evidence of a report quoted above the writing space.

    A file that is there already is left as it is.

    Parameters
    ----------
    findings : sequence of mapping, optional
        Findings of a `findings.json`; by default those of the edition's own last report.
    country : str
        "England" or "Wales": which letters of the law there are.

    Returns
    -------
    tuple of Path
        The new files.
    """
    known = list(findings) or last_findings(edition, project)
    folder = project.root / "editions" / edition
    there = {(kind.folder, page.key) for page in find_texts(edition, project.root).pages for kind in [page.kind]}
    made = []
    for kind, key, quoted in _wanted(known, country):
        if (kind.folder, key) not in there:
            path = folder / kind.folder / f"{key}{SUFFIX}"
            save_text(path, started_text(kind, key, quoted))
            made.append(path)
    return tuple(made)


def _wanted(findings: Sequence[Mapping[str, Any]], country: str) -> list[tuple[TextKind, str, list[Mapping[str, Any]]]]:
    """The files to start: what each theme means, reasons for the changes, and a statement on each letter of the law."""
    by_key = {str(item["key"]): item for item in findings}
    changes = [item for item in findings if item.get("direction") in ("rising", "falling")][:MOST_REASONS]
    wanted = [
        (BY_FOLDER[name], theme, quoted_for(theme, by_key)) for name in ("summaries", "so-what") for theme in THEMES
    ]
    wanted += [(BY_FOLDER["reasons"], str(item["key"]), [item]) for item in changes]
    wanted += [(BY_FOLDER["nothing-to-report"], item.letter, []) for item in requirements(country=country)]
    return wanted


def quoted_for(key: str, by_key: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the findings to quote for a theme or a finding."""
    if key in by_key and key not in BEGINS:
        return [by_key[key]]
    begins = BEGINS.get(key, (key,))
    return [item for name, item in by_key.items() if name.startswith(begins)][:MOST_QUOTED]


def evidence_block(findings: Sequence[Mapping[str, Any]]) -> str:
    """Return evidence as lines of a quotation between two marks; "" without findings."""
    if not findings:
        return ""
    lines = [f"> {' '.join(str(item['sentence']).split())} ({item['key']})\n>" for item in findings]
    return "\n".join((EVIDENCE, *lines)).removesuffix("\n>") + f"\n{EVIDENCE_END}\n"


def started_text(kind: TextKind, key: str, findings: Sequence[Mapping[str, Any]]) -> str:
    """Return a file with header, evidence and prompt, which counts as not written until a person writes in it."""
    header = {name: _FIELDS.get(name, "") for name in ("title", *kind.fields) if name == "title" or name in kind.needed}
    if "about" in header:
        header["about"] = f"[{', '.join(str(item['key']) for item in findings) or key}]"
    title = title_of(kind, key, findings).replace("\\", "\\\\").replace('"', '\\"')
    header |= {"title": f'"{title}"', "role": "", "date": "", "state": "draft"}
    lines = [f"{name}: {value}".rstrip() for name, value in header.items()]
    if kind.folder == "so-what":
        lines[1:1] = ["lead:", "by:"]
    told = f"<!-- {kind.asks} Then fill in role and date, and set state to reviewed or approved. -->"
    below = "".join(f"\n\n## {title}" for title in kind.sections)
    evidence = [evidence_block(findings)] if findings else []
    return "\n".join(("---", *lines, "---", "", *evidence, told)) + below + "\n"


def title_of(kind: TextKind, key: str, findings: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return the title of a started file: of a reason, what its finding measures.

    Parameters
    ----------
    findings : sequence of mapping, optional
        Findings quoted in it, as a `findings.json` has them.

    Examples
    --------
    >>> title_of(BY_FOLDER["reasons"], "official_rising"), title_of(BY_FOLDER["reasons"], "level_total_recorded_crime")
    ('Offences that rose', 'Total recorded crime')
    """
    if kind.folder == "nothing-to-report" and len(key) == 1:
        return f"Letter {key}"
    words = key.replace("_", " ").strip()
    own = next((str(item.get("measure") or "") for item in findings if item["key"] == key), "")
    return upper_first(own if own not in ("", words) else measure_of(key).title.strip())


def refresh_evidence(edition: str, project: Project) -> tuple[list[Path], list[Problem]]:
    """Renew the evidence quoted in the texts of an edition from its last report; what a person wrote stays as it is.

    Returns
    -------
    list of Path
        Files whose evidence changed.
    list of Problem
        Files left as they are because a person wrote among the evidence.

    Raises
    ------
    InputError
        If the edition has no report yet.
    """
    by_key = {str(item["key"]): item for item in last_findings(edition, project)}
    if not by_key:
        raise InputError(f"edition {edition} has no report to quote from: build it with hcsp-assess run {edition}")
    folder = find_texts(edition, project.root)
    changed, left = [], []
    for page in folder.pages:
        path = project.root / folder.name / page.name
        if any("quoted evidence" in item.what for item in page.problems):
            left.append(
                Problem(f"{folder.name}/{page.name}", "left as it is: a person wrote among the quoted evidence")
            )
            continue
        text = folder.files[page.name].decode("utf-8-sig", "replace")
        fresh = with_evidence(text, evidence_block(_evidence_of(page, by_key)))
        if fresh != text and path.is_file():
            save_text(path, fresh)
            changed.append(path)
    return changed, left


def texts_after_run(edition: str, project: Project) -> tuple[Path, ...]:
    """Start a reason for each change in an edition's first report, and quote its figures in the texts started before.

    Returns
    -------
    tuple of Path
        The new files.
    """
    country = area(find_edition(edition, project.root).area, project.root).country
    made = write_edition_texts(edition, project, country=country)
    refresh_evidence(edition, project)
    return made


def _evidence_of(page: TextPage, by_key: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    entry = next(iter(page.entries.get(page.kind.table, [])), {})
    about = [*entry.get("about", []), *entry.get("findings", [])]
    return [by_key[key] for key in about if key in by_key] or quoted_for(page.key, by_key)


def with_evidence(text: str, block: str) -> str:
    """Return a text with other quoted evidence: in the place of the old, or below the header."""
    lines = text.replace("\r\n", "\n").split("\n")
    start = next((number for number, line in enumerate(lines) if line.strip().startswith("<!-- Evidence")), None)
    end = next((number for number, line in enumerate(lines) if line.strip() == EVIDENCE_END), None)
    new = block.rstrip("\n").split("\n") if block else []
    if start is not None and end is not None:
        return "\n".join([*lines[:start], *new, *lines[end + 1 :]])
    edges = [number for number, line in enumerate(lines) if line.strip() == "---"][:2]
    if len(edges) < 2 or not new:
        return text
    return "\n".join([*lines[: edges[1] + 1], "", *new, *lines[edges[1] + 1 :]])


def start_text(edition: str, project: Project, kind: str, name: str) -> Path:
    """Start one text of an edition.

    Parameters
    ----------
    kind : str
        Folder of its kind: "reasons".
    name : str
        Theme, finding or letter that it is about: "shoplifting".

    Raises
    ------
    UsageError
        If there is no such kind or theme, or the text is there already.
    """
    _, wrong = kind_of(f"{kind}/{name}{SUFFIX}")
    if wrong:
        raise UsageError(wrong.what)
    key = key_of(f"{name}{SUFFIX}")
    if (kind, key) in {(item.kind, item.theme) for item in text_files(edition, project.root)}:
        raise UsageError(f"editions/{edition}/{kind}/{key}{SUFFIX} is there already: edit it")
    by_key = {str(item["key"]): item for item in last_findings(edition, project)}
    if kind == "reasons" and by_key and key not in by_key:
        raise UsageError(f"the last report of {edition} has no finding {key!r}.{did_you_mean(key, by_key)}")
    path = project.root / "editions" / edition / kind / f"{key}{SUFFIX}"
    save_text(path, started_text(BY_FOLDER[kind], key, quoted_for(key, by_key)))
    return path
