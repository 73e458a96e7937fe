"""Start JupyterLab in a project's folder, at its start notebook."""

import os
import subprocess
import sys

from hcsp_assess.project import VARIABLE, Project

START = "notebooks/start.ipynb"
#: JupyterLab as it comes asks other hosts for news, updates and extensions; ours works as well without a network.
NO_QUESTIONS = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)


def lab_command(project: Project, *, browser: bool = True, port: int | None = None) -> list[str]:
    """Return the command that opens JupyterLab at a project's start notebook.

    The whole project is shown, so that definitions, data and reports are beside the notebooks. A project that
    has no start notebook opens at its folder `notebooks/`, or, without that, at its own.

    Parameters
    ----------
    browser : bool
        Whether a browser window is opened.
    port : int, optional
        Port to listen on; by default the first free one from 8888. With a port given no other is taken.
    """
    start = START if (project.root / START).is_file() else "notebooks" if project.notebooks.is_dir() else ""
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={project.root}",
        f"--LabApp.default_url=/lab/tree/{start}" if start else "--LabApp.default_url=/lab",
        *NO_QUESTIONS,
    ]
    command += [] if browser else ["--no-browser"]
    return command + ([f"--port={port}", "--ServerApp.port_retries=0"] if port else [])


def open_lab(project: Project, *, browser: bool = True, port: int | None = None) -> int:
    """Run JupyterLab until it ends; return its exit code. Notebooks in any folder use this project."""
    command = lab_command(project, browser=browser, port=port)
    environment = os.environ | {VARIABLE: str(project.root)}
    with subprocess.Popen(command, cwd=project.root, env=environment) as server:  # noqa: S603 - no shell, own arguments
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                continue  # JupyterLab gets Ctrl-C too, and asks whether it is meant
