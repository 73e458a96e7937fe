"""Rebuild what an assessment a year before the demonstration would have found: `python -m tests.previous_edition`.

The same simulated archive and returns, up to December 2011, through the same engine. What people wrote for that edition
(its recommendations) and the quarters that the strategy printed are kept as they are in the file.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hcsp_assess.edition.findings import edition_findings
from hcsp_assess.edition.opened import prepare
from hcsp_assess.edition.returns import register_day
from hcsp_assess.periods import parse_span
from hcsp_assess.project import Project
from hcsp_assess.report.findings_json import document_of, dump_findings
from hcsp_assess.sources.findings_file import read_findings
from hcsp_assess.subject.editions import Edition, edition

FILE = Path(__file__).parents[1] / "hcsp_assess/definitions/demonstration_2013_14/previous_findings.json"
#: Findings whose figures the strategy printed; they are kept.
PUBLISHED = "performance_"
TITLE = "Strategic assessment for 2012-13 (demonstration: the simulated records up to December 2011)"


def previous_edition() -> Edition:
    """The edition a year earlier: the calendar year 2011, without the published overview of 2012/13.

    Its register is of the demonstration's day: the simulated returns of both years were received by then, and not before.
    """
    now = edition("2013-14")
    sources = tuple(source for source in now.sources if source.kind != "published figures")
    return replace(
        now, key="2012-13", title=TITLE, span=parse_span("2011"), sources=sources, register_day=register_day(now)
    )


def rebuild(root: Path, kept: dict[str, Any]) -> dict[str, Any]:
    """Return the document of the edition a year earlier, with what is kept of it.

    Parameters
    ----------
    root : Path
        Folder of a project; the archive is simulated into it where it is not there.
    kept : dict
        The document so far.
    """
    (root / "notebooks").mkdir(parents=True, exist_ok=True)
    known = edition_findings(prepare(previous_edition(), Project(root)))
    made = document_of(known, kept["software"])
    published = [item for item in kept["findings"] if item["key"].startswith(PUBLISHED)]
    figures = [item for item in kept["data"] if item["key"].startswith(PUBLISHED)]
    findings = [{**item, "links": {}} for item in made["findings"]]
    return {
        **made,
        "findings": [*findings, *published],
        "data": [*made["data"], *figures],
        "recommendations": kept["recommendations"],
    }


def main(root: Path) -> None:
    """Write the file anew."""
    FILE.write_bytes(dump_findings(rebuild(root, read_findings(FILE))))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder))
