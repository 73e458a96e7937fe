"""Check the installation: what is installed, what is found and what is missing."""

import os
import re
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.project import Project, bundled, find_project

FREE_SPACE_NEEDED = 500_000_000  # bytes; a full run of the bundled editions writes about a tenth of it
_INSTALL_KERNEL = f"run `{sys.executable} -m ipykernel install --sys-prefix`"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    ok : bool
        Whether it is as it must be.
    what : str
        What was looked at.
    found : str
        What was found and, where it is not as it must be, what to do.
    """

    ok: bool
    what: str
    found: str


def examine(start: Path | None = None) -> list[Finding]:
    """Look at the installation and at the project.

    Parameters
    ----------
    start : Path, optional
        A folder of the project; by default the current one.
    """
    findings = [_python(), *_packages(), _kernel()]
    try:
        project = find_project(start)
    except UsageError as error:
        return [*findings, Finding(False, "project", str(error))]
    return [
        *findings,
        Finding(True, "project", str(project.root)),
        *_folders(project),
        *_chapters(project),
        *_data(project),
        _space(project),
    ]


def _python() -> Finding:
    found = sys.version.split()[0]
    return Finding(sys.version_info >= (3, 11), "Python", f"{found} at {sys.executable}; 3.11 or later is needed")


def _packages() -> list[Finding]:
    required = [line for line in metadata("hcsp-assess").get_all("Requires-Dist") or [] if "extra ==" not in line]
    missing = []
    for line in required:
        name = re.split(r"[^A-Za-z0-9._-]", line)[0]
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    told = (
        f"missing: {', '.join(missing)}; {_install(missing)}" if missing else f"all {len(required)} required packages"
    )
    return [Finding(not missing, "packages", told)]


def _install(missing: list[str]) -> str:
    """How to add packages that are missing: this depends on how the software was installed."""
    if bundled("Makefile").is_file():
        return "run `make setup`"
    if (Path(sys.prefix) / "uv-receipt.toml").is_file():
        return "run `uv tool upgrade --reinstall hcsp-assess`"
    return f"run `{sys.executable} -m pip install {' '.join(missing)}`"


def _kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        arguments = KernelSpecManager().get_kernel_spec("python3").argv
    except NoSuchKernel:
        return Finding(False, "notebook kernel", f"no kernel is called python3; {_INSTALL_KERNEL}")
    started = Path(arguments[0])
    own = not started.is_absolute() or started.parent.resolve() == Path(sys.executable).parent.resolve()
    advice = f", not as {sys.executable}; set JUPYTER_PREFER_ENV_PATH=1, or {_INSTALL_KERNEL}"
    return Finding(own, "notebook kernel", f"python3, started as {started}{'' if own else advice}")


def _folders(project: Project) -> list[Finding]:
    folders = {"data/processed": project.processed, "reports": project.reports}
    return [
        Finding(
            _writable(path),
            name,
            "can be written" if _writable(path) else f"{path} cannot be written: check its permissions",
        )
        for name, path in folders.items()
    ]


def _writable(path: Path) -> bool:
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    return os.access(existing, os.W_OK)


def _chapters(project: Project) -> list[Finding]:
    """Whether the kernel of each chapter's notebook is installed here."""
    from hcsp_assess.run.notebooks import kernel_problem

    paths = [project.notebook(name) for name in project.chapter_names()]
    problems = {path.name: kernel_problem(path) for path in paths}
    wrong = [Finding(False, f"chapter {name}", problem) for name, problem in problems.items() if problem]
    own = sum(path.parent == project.notebooks for path in paths)
    told = f"{len(paths)} notebooks, {own} of them the project's own, each with a kernel that is installed"
    return wrong or [Finding(True, "chapters", told)]


def _data(project: Project) -> list[Finding]:
    from hcsp_assess.edition.opened import where_from
    from hcsp_assess.subject.editions import STREET, editions

    found = []
    try:
        known = editions(project.root)
    except InputError as error:
        return [Finding(False, "editions", str(error))]
    for key, edition in known.items():
        for source in edition.sources:
            if source.folder:
                ok, told = where_from(source, project)
                if not ok and source.kind != STREET:
                    ok, told = True, f"no files in {source.folder}: what rests on them is left out of the report"
                found.append(Finding(ok, f"edition {key}, {source.key}", told))
    return found


def _space(project: Project) -> Finding:
    free = shutil.disk_usage(project.root).free
    return Finding(free > FREE_SPACE_NEEDED, "disk space", f"{free / 1e9:.1f} GB free where the project is")
