"""Find a project's folders from the current folder."""

import os
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from hcsp_assess.errors import InputError, UsageError

VARIABLE = "HCSP_ASSESS_PROJECT"
#: Where this package is; its `notebooks/`, if it is a checkout, serve a project that has none of its own.
CHECKOUT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Project:
    """The folders of one partnership's assessment.

    Attributes
    ----------
    root : Path
        Folder that holds `data/raw/`.
    checkout : Path or None
        Folder whose `notebooks/` are used where the project has none of its own; it may be read-only.
    """

    root: Path
    checkout: Path | None = None

    @property
    def notebooks(self) -> Path:
        """The chapters, as parameterised notebooks."""
        return (self.checkout or self.root) / "notebooks"

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


def find_project(start: Path | str | None = None) -> Project:
    """Find the project from a folder in it.

    Parameters
    ----------
    start : Path or str, optional
        A folder in the project; by default the environment variable ``HCSP_ASSESS_PROJECT``, else the current folder.
        The folders above are searched too, for one that holds `notebooks/` and `data/raw/`. A folder that is named, or
        current, may do without `notebooks/` where this package runs from a checkout.

    Raises
    ------
    UsageError
        If there is none.
    """
    begin = Path(start or os.environ.get(VARIABLE) or Path.cwd()).resolve()
    if (begin / "data" / "raw").is_dir() and not (begin / "notebooks").is_dir() and (CHECKOUT / "notebooks").is_dir():
        return Project(begin, CHECKOUT)
    for folder in (begin, *begin.parents):
        if (folder / "notebooks").is_dir() and (folder / "data" / "raw").is_dir():
            return Project(folder)
    raise UsageError(
        f"{begin} is not in a project: neither it nor any folder above it has notebooks/ and data/raw/. Change to "
        f"the project's folder, or name it with --project or the environment variable {VARIABLE}."
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
