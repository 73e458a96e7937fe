"""The record of a run: what was run on what, whole for the partnership, and as everybody may read it.

Checksums, names of files and numbers of rows of partners' files can give counts away: a program can try all files that
a partner could have sent until it finds the one with the checksum. The public record has keyed
checksums and titles instead.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hcsp_assess.edition.county import open_county
from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.official_findings import official_source
from hcsp_assess.edition.opened import OpenEdition
from hcsp_assess.edition.returns import EditionReturns
from hcsp_assess.files import sha256_of
from hcsp_assess.report.chapter_html import Chapter
from hcsp_assess.report.provenance import software_record
from hcsp_assess.run.keyed_digests import keyed_digest
from hcsp_assess.run.report_contents import report_contents
from hcsp_assess.sources.context import context_source
from hcsp_assess.sources.findings_file import FINDINGS
from hcsp_assess.subject.editions import RETURNS, STREET

#: Columns of a partner's files that the public record keeps; the checksum is keyed.
_PUBLIC_COLUMNS: Final = ("title", "dataset", "month", "status", "rows_used")


def run_record(opened: OpenEdition, chapters: list[Chapter], notebooks: list[Path]) -> dict[str, Any]:
    """What was run on what: the provenance of the report, without the time of the run."""
    others = [
        {"key": source.key, "name": source.name, "where": "figures that come with the package", "simulated": False,
         "licence": "", "attribution": "", "rows": {}, "files": []}
        for source in opened.edition.sources
        if source.key not in (STREET, RETURNS)
    ]  # fmt: skip
    if opened.has_returns:
        others.append(_returns_record(opened.returns))
    if opened.has_records:
        others.insert(0, _street_record(opened))
    if opened.edition.districts:
        others += _district_records(opened)
    elif edition_findings(opened).official is not None:
        others.append(_official_record())
    ran = [
        {"notebook": chapter.name, "sha256": sha256_of(notebook), "parameters": chapter.parameters}
        for chapter, notebook in zip(chapters, notebooks, strict=True)
    ]
    return {
        "edition": opened.edition.key,
        "title": opened.edition.title,
        "area": opened.area.name,
        "period": opened.edition.span.words,
        "simulated": opened.edition.simulated,
        "software": software_record(),
        "sources": others,
        "chapters": ran,
        "contents": report_contents(opened),
    }


def _street_record(opened: OpenEdition) -> dict[str, Any]:
    """Which street-level files were received: every file with its checksum and rows."""
    table, account = opened.table, opened.table.account
    files = account.assign(month=account["month"].astype(str))
    columns = ["file", "month", "snapshot", "rows_in", "kept", "duplicates", "quarantined", "sha256"]
    return {
        "key": STREET,
        "name": opened.source.name,
        "where": table.source["read_from"],
        "simulated": opened.simulated,
        "open": opened.source.is_open,
        "licence": "simulated" if opened.simulated else table.source.get("licence", ""),
        "attribution": "" if opened.simulated else table.source.get("attribution", ""),
        "rows": opened.rows,
        "files": files[columns].to_dict("records"),
    }


def _district_records(opened: OpenEdition) -> list[dict[str, Any]]:
    """What a county's partnerships published, and the official figures where a year of them is used."""
    county = open_county(opened)
    found = []
    for item in county.held:
        document = opened.project.root / item.folder / FINDINGS
        found.append(
            {
                "key": f"assessment-{item.district.code}",
                "name": f"Assessment of {item.name}, {item.findings['period']}",
                "where": item.folder,
                "simulated": item.simulated,
                "licence": "",
                "attribution": "",
                "rows": {},
                "files": [{"file": FINDINGS, "published": item.when, "sha256": sha256_of(document)}],
            }
        )
    return [*found, *([_official_record()] if county.figures is not None else [])]


def _official_record() -> dict[str, Any]:
    """The official figures that come with the package."""
    source = official_source()
    return {
        "key": "recorded_crime",
        "name": source.name,
        "where": f"{source.where}, comes with the package",
        "simulated": False,
        "licence": "Open Government Licence v3.0",
        "attribution": str(context_source("population")["attribution"]),
        "rows": {},
        "files": [],
    }


def _returns_record(returns: EditionReturns) -> dict[str, Any]:
    """Which returns were received: every file with its checksum and rows; of a refused one its name alone."""
    rows = ("rows_in", "kept", "set_aside")
    came = returns.register[returns.register["file"].notna()].astype(object)
    came = came.assign(rows_used=returns.rows_used(came))
    lines = came.where(came.notna(), "")[["title", "file", "dataset", "status", *rows, "rows_used", "sha256"]]
    return {
        "key": RETURNS,
        "name": returns.source.name,
        "where": returns.source.folder,
        "simulated": returns.simulated,
        "open": False,
        "licence": "simulated" if returns.simulated else "not open data: sent by partners for this assessment",
        "attribution": "",
        "rows": returns.rows,
        "files": lines.to_dict("records"),
    }


def public_record(record: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    """Return the record of a run as everybody may read it.

    Parameters
    ----------
    record : mapping
        As `run_record` gives it.
    key : bytes
        The project's key of checksums, from `keyed_digests.digest_key`.

    Returns
    -------
    dict
        Open sources are as they were. Of partners' files it has the title of the return, whether all rows were used,
        and a keyed checksum: no name of a file, no number of rows, no SHA-256.
    """
    return {**record, "sources": [_public_source(source, key) for source in record["sources"]]}


def _public_source(source: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    if source.get("open", True):
        return dict(source)
    files = [
        {name: file[name] for name in _PUBLIC_COLUMNS if name in file}
        | {"keyed_checksum": keyed_digest(key, str(file["sha256"]))}
        for file in source["files"]
    ]
    return {**source, "rows": {} if any(source["rows"].values()) else source["rows"], "files": files}


def publishes_checksums(path: Path) -> bool:
    """Whether a published record, as an earlier version wrote it, has checksums of partners' files."""
    try:
        record = json.loads(path.read_bytes())
        sources = [source for source in record["sources"] if source["key"] == RETURNS]
        return any("sha256" in file for source in sources for file in source["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
