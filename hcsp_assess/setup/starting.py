"""Start a project in a folder: notebooks to work in, folders for data and definitions, documentation."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import write_whole
from hcsp_assess.project import WORKING, bundled

#: Files of a new project that are kept beside this module, by the name that they have there.
OWN_FILES = {
    "README.md": "README.md",
    ".gitignore": "gitignore",
    "areas/README.md": "areas/README.md",
    "editions/README.md": "editions/README.md",
}
EMPTY_FOLDERS = ("data/processed", "reports")
#: Lines that a `.gitignore` needs, so that partners' files and reports are not put in git.
KEPT_OUT_OF_GIT = ("data/raw/*", "data/processed/*", "reports/*", "restricted-reports/")


@dataclass(frozen=True)
class StartedProject:
    """What was written into a folder.

    Attributes
    ----------
    folder : Path
        The project's folder.
    written : tuple of str
        New files, from that folder.
    kept : tuple of str
        Files that were there already and are as they were.
    was_project : bool
        Whether the folder was a project before.
    """

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]
    was_project: bool

    @property
    def not_kept_out_of_git(self) -> tuple[str, ...]:
        """Lines to add to a `.gitignore` that was there already."""
        if ".gitignore" not in self.kept:
            return ()
        there = (self.folder / ".gitignore").read_text(encoding="utf-8", errors="replace").split()
        return tuple(line for line in KEPT_OUT_OF_GIT if not {line, line.removesuffix("*"), f"/{line}"} & set(there))


def start_project(folder: Path) -> StartedProject:
    """Write what a project needs into a folder that is new, empty, a project already, or holds other files.

    Nothing that is there is changed. The chapters of reports stay in the package: see `Project.notebook`.

    Parameters
    ----------
    folder : Path
        The folder; it is made if there is none.

    Raises
    ------
    UsageError
        If it is a file, holds folders of the same names for another purpose, or a file is where a folder should be.
    InputError
        If it cannot be written; nothing that this call wrote is left.
    """
    root = folder.expanduser().resolve()
    contents = _contents()
    if root.exists():
        _refuse_unsafe(root, contents)
    was_project = (root / "data" / "raw").is_dir()
    kept = tuple(name for name in contents if os.path.lexists(root / name))
    missing = {name: content for name, content in contents.items() if name not in kept}
    try:
        _write(root, missing)
    except OSError as error:
        raise InputError(
            f"the project cannot be written into {root}: {error.strerror or error}. None of its files is left "
            "there: choose another folder, or free space and check who may write there"
        ) from error
    return StartedProject(root, tuple(missing), kept, was_project)


def _contents() -> dict[str, bytes]:
    """Every file of a new project, from its root."""
    own = resources.files("hcsp_assess.setup") / "new_project"
    contents = {name: (own / source).read_bytes() for name, source in OWN_FILES.items()}
    theirs = [bundled(f"notebooks/{name}.ipynb") for name in WORKING]
    theirs += [*sorted(bundled("notebooks/recipes").glob("*.ipynb")), *sorted(bundled("docs").rglob("*.md"))]
    theirs += bundled("data/raw").glob("*.md")
    return contents | {path.relative_to(bundled("")).as_posix(): path.read_bytes() for path in theirs}


def _refuse_unsafe(root: Path, contents: Mapping[str, bytes]) -> None:
    """Refuse a folder where a project's files would be mixed up with others."""
    if not root.is_dir():
        raise UsageError(f"{root} is a file: name a folder for the project")
    folders = {parent for name in (*contents, *(f"{folder}/" for folder in EMPTY_FOLDERS)) for parent in _above(name)}
    there = sorted(name for name in folders if os.path.lexists(root / name))
    for name in there:
        if not (root / name).is_dir():
            raise UsageError(f"{root / name} is a file, and a project has a folder there: choose another folder")
    used = [name for name in there if "/" not in name and any((root / name).iterdir())]
    if used and not (root / "data" / "raw").is_dir():
        raise UsageError(
            f"{root} is not a project, and what it has in {', '.join(used)} would be mixed up with a project's files: "
            f"choose another folder, such as {root / 'assessment'}"
        )


def _above(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:number]) for number in range(1, len(parts))]


def _write(root: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder: a new one appears whole; in one that is there, all are added or none."""
    with _whole_folder(root) as folder:
        written: list[Path] = []
        try:
            for name, content in files.items():
                write_whole(folder / name, content)
                written.append(folder / name)
            for name in EMPTY_FOLDERS:
                (folder / name).mkdir(parents=True, exist_ok=True)
        except BaseException:
            for path in written:
                path.unlink(missing_ok=True)
            raise


@contextmanager
def _whole_folder(root: Path) -> Iterator[Path]:
    """Yield the folder to write into: that one if it is there, else a temporary one beside it, renamed at the end."""
    if root.exists():
        yield root
        return
    part = root.with_name(f".{root.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
        yield part
        part.rename(root)
    finally:
        shutil.rmtree(part, ignore_errors=True)
