"""Indicators and what was published of them: the definitions and the cells of a performance overview, as printed."""

import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from hcsp_assess.errors import InputError
from hcsp_assess.periods import Quarter, parse_quarter

HEREFORDSHIRE_2013_14 = "herefordshire_2013_14"


@dataclass(frozen=True)
class Cell:
    """One quarter of one indicator, as printed.

    Attributes
    ----------
    indicator : str
        Key of the indicator.
    quarter : Quarter
    printed : str
        The text of the cell, "38%" or "2522"; "" where the quarter was printed and the cell left blank.
    """

    indicator: str
    quarter: Quarter
    printed: str

    @property
    def value(self) -> float | None:
        """The number in the cell; None where it is blank."""
        return float(self.printed.rstrip("%")) if self.printed else None

    @property
    def decimals(self) -> int | None:
        """Decimals printed; None where the cell is blank."""
        return len(self.printed.rstrip("%").partition(".")[2]) if self.printed else None


def read_cells(source: str | Path = HEREFORDSHIRE_2013_14) -> tuple[Cell, ...]:
    """Read the cells of a published performance overview.

    Parameters
    ----------
    source : str or Path
        Name of published figures that come with the package, or a folder of your own with the same files.

    Raises
    ------
    InputError
        If a column is missing or a cell cannot be read; the message names the line.
    """
    table = read_published(source, "performance.csv", ("indicator", "quarter", "printed"))
    return tuple(_cell(line, row) for line, row in enumerate(table.to_dict("records"), start=2))


def read_published(source: str | Path, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read one table of published figures, every value as text; `InputError` where a column is missing."""
    folder: Any = Path(source) if isinstance(source, Path) else resources.files("hcsp_assess") / "definitions"
    path = folder / name if isinstance(source, Path) else folder / "published" / source / name
    if not path.is_file():
        raise InputError(f"there is no table {name} in the published figures {source}")
    with path.open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise InputError(f"{name} of {source} has no column {', '.join(missing)}; it needs {', '.join(columns)}")
    return table


def _cell(line: int, row: dict[Any, str]) -> Cell:
    try:
        quarter = parse_quarter(row["quarter"])
    except InputError as error:
        raise InputError(f"performance.csv, line {line}: {error}") from error
    if not re.fullmatch(r"(\d+(\.\d+)?%?)?", row["printed"]):
        raise InputError(
            f"performance.csv, line {line}: {row['printed']!r} is not a number or a percentage; "
            "leave the cell blank where nothing was printed"
        )
    return Cell(row["indicator"], quarter, row["printed"])
