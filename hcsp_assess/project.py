"""Find a project's folders from the current folder."""

import os
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from hcsp_assess.errors import InputError, UsageError

VARIABLE = "HCSP_ASSESS_PROJECT"
#: Where notebooks, example data and documentation come with the package: in it once it is installed, beside it in a
#: checkout. They may be read-only.
_PACKAGE = Path(__file__).parent
_BUNDLED = next(folder for folder in (_PACKAGE / "bundled", _PACKAGE.parent) if folder.is_dir())
#: Notebooks to work in, which are not chapters of a report.
WORKING = ("start", "explorer", "your_assessment")


def bundled(path: str) -> Path:
    """Return a file or folder that comes with the package, such as "notebooks"."""
    return _BUNDLED / path


@dataclass(frozen=True)
class Project:
    """The folders of one partnership's assessment.

    Attributes
    ----------
    root : Path
        Folder that holds `data/raw/`.
    """

    root: Path

    @property
    def notebooks(self) -> Path:
        """The project's own notebooks, the chapters among them; the package has others (`notebook`)."""
        return self.root / "notebooks"

    @property
    def raw(self) -> Path:
        """Data as received, never edited."""
        return self.root / "data" / "raw"

    @property
    def processed(self) -> Path:
        """What cleaning and counting made of them; can always be made again."""
        return self.root / "data" / "processed"

    @property
    def reports(self) -> Path:
        """What is published."""
        return self.root / "reports"

    @property
    def restricted(self) -> Path:
        """What is not for publication: outside `reports`, which a web server may show whole."""
        return self.root / "restricted-reports"

    def notebook(self, name: str) -> Path:
        """Return a chapter's notebook: the project's own, else the package's; where neither has it, the project's."""
        own, theirs = self.notebooks / f"{name}.ipynb", bundled(f"notebooks/{name}.ipynb")
        return theirs if theirs.is_file() and not own.exists() else own

    def chapter_names(self) -> tuple[str, ...]:
        """Names of the chapters that there are, the project's own and the package's, in order."""
        files = [file for folder in (self.notebooks, bundled("notebooks")) for file in folder.glob("*.ipynb")]
        return tuple(sorted({file.stem for file in files} - set(WORKING)))


def find_project(start: Path | str | None = None) -> Project:
    """Find the project from a folder in it.

    Parameters
    ----------
    start : Path or str, optional
        A folder in the project; by default the environment variable ``HCSP_ASSESS_PROJECT``, else the current folder.
        The folders above are searched too, for one that holds `notebooks/` and `data/raw/`. A folder that is named, or
        current, may do without `notebooks/`.

    Raises
    ------
    UsageError
        If there is none.
    """
    begin = Path(start or os.environ.get(VARIABLE) or Path.cwd()).resolve()
    for folder in (begin, *begin.parents):
        if (folder / "data" / "raw").is_dir() and (folder == begin or (folder / "notebooks").is_dir()):
            return Project(folder)
    raise UsageError(
        f"{begin} is not in a project: neither it nor any folder above it has notebooks/ and data/raw/. Change to "
        f"the project's folder, or name it with --project or the environment variable {VARIABLE}. To start a project: "
        "hcsp-assess init FOLDER"
    )


def definition_files(kind: str, root: Path | None = None) -> dict[str, Any]:
    """Return definition files by name, without `.toml`: the package's and a project's, which wins where both have one.

    Parameters
    ----------
    kind : str
        Their folder, in `definitions/` of the package and at the root of the project: "editions", "returns".
    root : Path, optional
        Root of a project.
    """
    packaged = resources.files("hcsp_assess") / "definitions" / kind
    folders: list[Any] = [packaged] if root is None else [packaged, root / kind]
    items = [item for folder in folders if folder.is_dir() for item in folder.iterdir()]
    return {item.name.removesuffix(".toml"): item for item in items if item.name.endswith(".toml")}


def read_definition(file: Any, label: str) -> str:
    """Return the text of a definition file, without the byte-order mark that some editors write.

    Parameters
    ----------
    file : Path or Traversable
        The file.
    label : str
        What to call it in a message: "editions/2025.toml".

    Raises
    ------
    InputError
        If it cannot be opened or is not text in UTF-8.
    """
    try:
        return str(file.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{label} is not text in UTF-8: save it in that encoding") from error
    except OSError as error:
        raise InputError(f"{label} cannot be read: {error.strerror or error}") from error


def definition_titles(kind: str, root: Path | None = None) -> dict[str, str]:
    """Return the title of each definition file by name, in order; of one that cannot be read, that it cannot.

    As `definition_files`, and quick: what else a file says is not looked at.
    """
    titles = {}
    for name, file in sorted(definition_files(kind, root).items()):
        try:
            titles[name] = str(tomllib.loads(read_definition(file, file.name)).get("title", name))
        except (InputError, tomllib.TOMLDecodeError) as error:
            titles[name] = f"(the definition cannot be read: {error})"
    return titles
