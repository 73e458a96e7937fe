"""Build both editions by the command line from the project's own data: `python tests/built_editions.py FOLDER`.

Tests that look at whole reports share one such folder; whoever comes first builds it, the others wait.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from hcsp_assess.project import Project

ROOT = Path(__file__).parents[1]
#: What comes with the project or is simulated by it, of `data/raw`.
OWN_DATA = ("herefordshire_2025", "simulated_2013-14", "returns_simulated_2013-14")


def build_once(root: Path) -> Project:
    """Return a project with both editions published; built where that has not been done."""
    with FileLock(f"{root}.lock"):
        if not (root / "done").exists():
            _build_both(root)
            (root / "done").touch()
    return Project(root)


def _build_both(root: Path) -> None:
    """Build both editions; where the project's own are of these very inputs and software, a copy of them will do."""
    for name in (
        "notebooks",
        "data/processed",
        "reports",
        "restricted-reports",
        *(f"data/raw/{name}" for name in OWN_DATA),
    ):
        if (ROOT / name).is_dir():
            unwanted = shutil.ignore_patterns(".*", "run.lock*", "failed")
            shutil.copytree(ROOT / name, root / name, ignore=unwanted, dirs_exist_ok=True)
    for edition in ("2013-14", "2025"):
        command = [sys.executable, "-m", "hcsp_assess", "run", edition, "--project", str(root), "--only-if-changed"]
        page_alone = os.environ | {"HCSP_ASSESS_BROWSER": "none", "HCSP_ASSESS_WORD": "none", "HCSP_ASSESS_PROJECT": ""}
        subprocess.run(command, check=True, env=page_alone)


if __name__ == "__main__":
    build_once(Path(sys.argv[1]))
