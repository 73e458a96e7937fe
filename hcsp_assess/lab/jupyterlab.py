"""Start JupyterLab in a project's folder, at its start notebook."""

import os
import subprocess
import sys
from collections.abc import Sequence

import zmq

from hcsp_assess.lab.server import SETTINGS
from hcsp_assess.project import VARIABLE, Project

START = "notebooks/start.ipynb"
#: JupyterLab as it comes asks other hosts for news, updates and extensions; ours works as well without a network.
NO_QUESTIONS = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)
#: Our style sheet; and in the terminal the address alone, unless something is wrong.
QUIET = (
    "--LabApp.custom_css=True",
    "--ServerApp.log_level=ERROR",
    "--ServerApp.log_format=%(message)s",
    "--LabApp.log_level=ERROR",
)


def lab_command(
    project: Project, *, browser: bool = True, port: int | None = None, options: Sequence[str] = ()
) -> list[str]:
    """Return the command that opens JupyterLab at a project's start notebook.

    The whole project is shown, so that definitions, data and reports are beside the notebooks. A project that
    has no start notebook opens at its folder `notebooks/`, or, without that, at its own.

    Parameters
    ----------
    browser : bool
        Whether a browser window is opened.
    port : int, optional
        Port to listen on; by default the first free one from 8888. With a port given no other is taken.
    options : sequence of str
        Options of JupyterLab itself, which win over ours: "--allow-root".
    """
    start = START if (project.root / START).is_file() else "notebooks" if project.notebooks.is_dir() else ""
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={project.root}",
        f"--LabApp.default_url=/lab/tree/{start}" if start else "--LabApp.default_url=/lab",
        *NO_QUESTIONS,
        *QUIET,
    ]
    command += ["--KernelManager.transport_encryption=auto"] if zmq.has("curve") else []  # or each kernel warns of it
    command += [] if browser else ["--no-browser"]
    command += [f"--port={port}", "--ServerApp.port_retries=0"] if port else []
    return [*command, *options]


def lab_environment(project: Project) -> dict[str, str]:
    """Return what JupyterLab and its kernels get beside the environment: the project, our settings, fewer warnings.

    Our settings are defaults for this server alone: those that the user chose in JupyterLab win, and none is changed.
    """
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    return {
        VARIABLE: str(project.root),
        "JUPYTER_CONFIG_PATH": os.pathsep.join([str(SETTINGS), *([others] if others else [])]),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # or each kernel warns that Python's own modules are frozen
    }


def open_lab(project: Project, *, browser: bool = True, port: int | None = None, options: Sequence[str] = ()) -> int:
    """Run JupyterLab until it ends; return its exit code. Notebooks in any folder use this project."""
    command = lab_command(project, browser=browser, port=port, options=options)
    environment = os.environ | lab_environment(project)
    with subprocess.Popen(command, cwd=project.root, env=environment) as server:  # noqa: S603 - no shell, own arguments
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                continue  # JupyterLab gets Ctrl-C too, and asks whether it is meant
