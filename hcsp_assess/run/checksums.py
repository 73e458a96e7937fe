"""Checksums of files as received, kept so that a file that has not been touched is read once and not in every run."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hcsp_assess.files import (
    Look,
    checked_json,
    look_at,
    may_change_unseen,
    printable,
    read_checked_json,
    sha256_of,
    write_whole,
)
from hcsp_assess.project import Project

FILE: Final = "checksums.json"


@dataclass
class Checksums:
    """Checksums of a project's files, by how each looked when it was read.

    Attributes
    ----------
    known : dict
        Look and checksum of each file, by its path from the project's root.
    """

    project: Project
    known: dict[str, tuple[Look, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, project: Project) -> "Checksums":
        """Return those that `remember` kept; none where they are missing or damaged."""
        path = project.processed / FILE
        found = read_checked_json(path) if path.is_file() else None
        known = {name: (tuple(look), sha256) for name, (look, sha256) in (found or {}).items()}
        return cls(project, known)

    def of(self, path: Path) -> str:
        """Return a file's checksum: the one kept where it looks as it did then, else by reading it."""
        look, sha256 = self.known.get(self._name(path), (None, ""))
        return sha256 if look == look_at(path) else sha256_of(path)

    def remember(self, paths: Iterable[Path]) -> None:
        """Read those of the files that are new or were touched, and keep the checksums of all in `data/processed`."""
        kept = {}
        for path in paths:
            look, sha256 = look_at(path), self.of(path)
            if not may_change_unseen(look, time.time_ns()):
                kept[self._name(path)] = (look, sha256)
        self.known = kept
        write_whole(self.project.processed / FILE, checked_json(kept))

    def _name(self, path: Path) -> str:
        return printable(path.relative_to(self.project.root)) if path.is_relative_to(self.project.root) else str(path)
