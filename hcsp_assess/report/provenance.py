"""Where the numbers come from: the record of a run, and how a reader sees it."""

import platform
import subprocess
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from hcsp_assess import __version__
from hcsp_assess.edition.software import PACKAGES
from hcsp_assess.report.tables import SIMULATED_MARK, Table, escape

NO_FILTER = ("-c", "filter.nbstripout.clean=", "-c", "filter.nbstripout.required=false")  # slow, and of no use here
#: Said once, above the table that says which sources those are.
SOME_SIMULATED = '<p class="simulated">Simulated data: the figures of some sources are made up for a demonstration.</p>'


def software_record() -> dict[str, Any]:
    """Return versions of this software, of Python and of the packages that decide numbers, and the commit."""
    return {
        "hcsp_assess": __version__,
        "commit": commit(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


@lru_cache(maxsize=1)
def commit() -> str:
    """Return the commit that the software was run from, marked where files were changed since; "" when not from git.

    An environment may be in a folder that is in git itself: the software is from git only if its own files are.
    """
    folder = Path(__file__).parent
    try:
        _git(folder, "ls-files", "--error-unmatch", Path(__file__).name)
        head = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, *NO_FILTER, "diff", "--name-only", "HEAD", "--", str(folder.parent))
    except (OSError, subprocess.SubprocessError):
        return ""
    return head + (" with uncommitted changes" if changed else "")


def provenance_html(record: Mapping[str, Any]) -> Markup:
    """Return the record of a run as tables for the report.

    Parameters
    ----------
    record : mapping
        With "software", "sources" (each with name, where, simulated, files, rows) and "chapters" (each with notebook,
        sha256 and parameters).
    """
    used = [source for source in record["sources"] if source["files"] or not _is_empty(source)]
    parts = [SOME_SIMULATED] if any(source["simulated"] for source in used) else []
    parts += [_sources(used), *(_folded(source) for source in used if source["rows"] or source["files"])]
    parts += [_chapters(record["chapters"]), _software(record["software"])]
    return Markup("\n".join(parts))  # noqa: S704 - tables escape what they hold


def _is_empty(source: Mapping[str, Any]) -> bool:
    """Whether nothing at all was received from a source."""
    return bool(source["rows"]) and not any(source["rows"].values())


def _sources(sources: Sequence[Mapping[str, Any]]) -> str:
    frame = pd.DataFrame(
        {
            "Source": [source["name"] for source in sources],
            "Figures": ["simulated" if source["simulated"] else "real" for source in sources],
            "Licence": [source.get("licence") or "see the source" for source in sources],
        }
    )
    return Table(frame, "Sources of this assessment", "provenance-sources")._repr_html_()


def _folded(source: Mapping[str, Any]) -> str:
    """What became of a source's rows, and each of its files, in a closed panel."""
    name, shown = source["name"], _rows(source) if source["rows"] else ""
    title = "Rows and files" if source["rows"] else "Files"
    if source["files"]:
        files = pd.DataFrame(source["files"])
        shown += Table(files, f"Files read: {name}", f"provenance-files-{source['key']}")._repr_html_()
    return f"<details><summary>{title}: {escape(name)}</summary>{shown}</details>"


def _rows(source: Mapping[str, Any]) -> str:
    rows: Mapping[str, int] = source["rows"]
    frame = pd.DataFrame({"Rows": list(rows), "Number": pd.array(list(rows.values()), dtype="Int64")})
    key = f"provenance-rows-{source['key']}"
    table = Table(frame, f"What became of each row: {source['name']}", key, simulated=source["simulated"])
    return table._repr_html_().removeprefix(SIMULATED_MARK)  # said once, above all sources


def _chapters(chapters: Sequence[Mapping[str, Any]]) -> str:
    frame = pd.DataFrame(
        {
            "Chapter": [chapter["notebook"] for chapter in chapters],
            "Parameters": [_said(chapter["parameters"]) for chapter in chapters],
            "SHA-256 of the notebook": [chapter["sha256"] for chapter in chapters],
        }
    )
    table = Table(frame, "Notebooks that made the chapters, with their parameters", "provenance-chapters")
    return f"<details><summary>Notebooks and parameters</summary>{table._repr_html_()}</details>"


def _said(parameters: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} = {value!r}" for name, value in parameters.items())


def _software(software: Mapping[str, Any]) -> str:
    lines = {"hcsp_assess": software["hcsp_assess"], "Commit": software["commit"] or "not run from a git checkout"}
    lines |= {"Python": software["python"]} | dict(software["packages"])
    frame = pd.DataFrame({"Software": list(lines), "Version": list(lines.values())})
    return Table(
        frame, "Software that made this report", "provenance-software", folded="Software and its versions"
    )._repr_html_()


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.strip()  # noqa: S603
