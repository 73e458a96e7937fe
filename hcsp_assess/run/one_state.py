"""A run works on one state of its inputs: whatever is added or changed meanwhile is noticed before it publishes."""

from dataclasses import dataclass
from typing import Self

from hcsp_assess.errors import InputError
from hcsp_assess.files import Look, look_at, sha256_of
from hcsp_assess.project import Project
from hcsp_assess.run.checksums import Checksums
from hcsp_assess.run.fingerprint import input_paths
from hcsp_assess.subject.editions import Edition


class InputsChangedError(InputError):
    """Inputs of a run changed while it was in progress; `name` is the first of them."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} changed while the run was in progress, and nothing was published; the last report is as it was. "
            "Run again when all files are in place"
        )
        self.name = name


@dataclass(frozen=True)
class InputState:
    """The inputs of an edition's run as they were when it began.

    Attributes
    ----------
    files : tuple of (str, str)
        As `fingerprint.input_files`: names from the project's root, with checksums.
    """

    edition: Edition
    project: Project
    files: tuple[tuple[str, str], ...]
    _looks: dict[str, Look]

    @classmethod
    def take(cls, edition: Edition, project: Project) -> Self:
        """Look at every input now; raises as `fingerprint.input_files`, or `OSError` where one cannot be read."""
        paths, checksums = input_paths(edition, project), Checksums.load(project)
        looks = {name: look_at(path) for name, path in paths.items()}  # before they are read
        return cls(edition, project, tuple((name, checksums.of(path)) for name, path in paths.items()), looks)

    def changed(self) -> str:
        """Return the name of the first input that was added, removed or changed since; "" if none was.

        A file that was touched is read again: only another content counts.
        """
        paths, known = input_paths(self.edition, self.project), dict(self.files)
        for name in sorted(known.keys() | paths.keys()):
            if name not in known or name not in paths:
                return name
            try:
                if look_at(paths[name]) != self._looks[name] and sha256_of(paths[name]) != known[name]:
                    return name
            except OSError:
                return name
        return ""

    def require_unchanged(self) -> None:
        """Raise `InputsChangedError` if an input has changed since."""
        if name := self.changed():
            raise InputsChangedError(name)
