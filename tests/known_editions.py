"""Both editions with their findings in a project of their own, for tests of what is made from those."""

import shutil
from pathlib import Path

from hcsp_assess.edition.findings import EditionFindings, edition_findings
from hcsp_assess.edition.opened import open_edition
from hcsp_assess.project import Project

ROOT = Path(__file__).parents[1]


def findings_of_edition(root: Path, key: str) -> EditionFindings:
    """Prepare an edition from the project's own data in a folder, and find everything that they say."""
    (root / "notebooks").mkdir(parents=True)
    shutil.copytree(ROOT / "data" / "raw" / "herefordshire_2025", root / "data" / "raw" / "herefordshire_2025")
    return edition_findings(open_edition(key, Project(root)))
