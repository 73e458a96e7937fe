"""A folder of the project for what other programs keep in the home folder of an account that has no home."""

import os
import tempfile
from pathlib import Path

from hcsp_assess.project import Project

#: Where programs that a run uses keep files of their own: all in the user's home, unless these say where.
HOMES = {"IPYTHONDIR": "ipython", "JUPYTER_RUNTIME_DIR": "runtime", "MPLCONFIGDIR": "matplotlib"}


def ensure_home(project: Project) -> None:
    """Where the user's home cannot be written, name a folder of the project in its place; what is set already stays.

    A service's account often has no home. Matplotlib warns as soon as it is imported, so a command calls this before it
    imports what draws.
    """
    if _home_can_be_written():
        return
    for variable, name in HOMES.items():
        if variable not in os.environ:
            folder = project.processed / "home" / name
            folder.mkdir(parents=True, exist_ok=True)
            os.environ[variable] = str(folder)


def _home_can_be_written() -> bool:
    try:
        with tempfile.TemporaryFile(dir=Path.home()):
            return True
    except (OSError, RuntimeError):
        return False
