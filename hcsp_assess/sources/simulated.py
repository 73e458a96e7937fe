"""The mark of simulated records: a file in their folder, which every reader of that folder heeds."""

from pathlib import Path
from typing import Final

MARK: Final = "SIMULATED.toml"


def is_simulated(folder: Path) -> bool:
    """Say whether a folder carries the mark."""
    return (folder / MARK).is_file()
