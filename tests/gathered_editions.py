"""Both editions gathered in a project of their own, for tests of what is made from their findings."""

import os
import shutil
from pathlib import Path

from hcsp_assess.edition.findings import Gathered, gather
from hcsp_assess.project import VARIABLE, Project
from hcsp_assess.run.build import prepare

ROOT = Path(__file__).parents[1]


def gather_edition(root: Path, key: str) -> Gathered:
    """Prepare an edition from the project's own data in a folder, and gather what it found."""
    (root / "notebooks").mkdir(parents=True)
    shutil.copytree(ROOT / "data" / "raw" / "herefordshire_2025", root / "data" / "raw" / "herefordshire_2025")
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(root)
    try:
        return gather(prepare(key, Project(root)))
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
