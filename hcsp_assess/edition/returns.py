"""Partners' returns of an edition: what was to come, what came, what was set aside, and what can be used."""

import datetime as dt
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from hcsp_assess.edition.register import due_date, expected_quarters, intake_register
from hcsp_assess.periods import Quarter, Span
from hcsp_assess.project import Project
from hcsp_assess.sources.returns.combining import CombinedReturn, combine_return
from hcsp_assess.sources.returns.definitions import return_definition
from hcsp_assess.subject.editions import RETURNS, Edition, Source

#: Statuses of a line of the register that mean that something is not there.
GAPS = ("never received", "overdue", "due", "refused", "cannot be read", "not expected")
#: Rows of a return of records below this are not told on the page: a row is a person's misfortune.
FEW = 10
ASIDE_COLUMNS = ("dataset", "file", "sheet", "row", "cell", "column", "reason", "original")


@dataclass(frozen=True)
class Partners:
    """The returns that an edition rests on.

    Attributes
    ----------
    folder : Path
        Where they lie as received, a folder for each return.
    span : Span
        The months assessed.
    day : datetime.date
        Day of the register.
    register : pandas.DataFrame
        As `edition.register.intake_register` gives it.
    root : Path
        Root of the project.
    """

    source: Source
    folder: Path
    span: Span
    day: dt.date
    register: pd.DataFrame
    root: Path
    _read: dict[str, CombinedReturn] = field(default_factory=dict, repr=False, compare=False)

    @property
    def simulated(self) -> bool:
        """Whether the returns are simulated."""
        return self.source.simulated or bool(self.register["simulated"].fillna(value=False).any())

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """The quarters of the period assessed that were to be reported by the day of the register."""
        return expected_quarters(self.day, self.span)

    @property
    def rows(self) -> dict[str, int]:
        """Rows of all files that could be read: in = kept + set aside."""
        return {
            name: int(self.register[column].sum())
            for name, column in (("in", "rows_in"), ("kept", "kept"), ("set aside", "set_aside"))
        }

    def gathered(self, name: str) -> CombinedReturn:
        """Return the files of one return put together."""
        if name not in self._read:
            self._read[name] = combine_return(self.folder, name, root=self.root)
        return self._read[name]

    def shown_rows(self, column: str) -> list[str]:
        """Return a column of rows of the register as it may be published; "" where there is no number.

        Of a return of records a number under `FEW`, but not none, is told as that; rows of groups are not people.
        """
        records = {
            name: return_definition(name, self.root).grain == "record"
            for name in self.register["dataset"].dropna().unique()
        }
        return [
            _shown(rows, records=records.get(name, True))
            for name, rows in zip(self.register["dataset"], self.register[column], strict=True)
        ]

    def problems(self) -> tuple[str, ...]:
        """Say which files were refused, could not be read or were not expected, and in which rows were set aside."""
        lines = self.register[self.register["status"].isin(["refused", "cannot be read", "not expected"])]
        told = [str(message) for message in lines["message"]]
        aside = self.register[self.register["set_aside"].fillna(0) > 0]
        told += [f"{line['file']}: {line['set_aside']} rows set aside" for _, line in aside.iterrows()]
        return tuple(told)


def _shown(rows: Any, *, records: bool) -> str:
    if pd.isna(rows):
        return ""
    number = int(str(rows))
    return f"under {FEW}" if records and 0 < number < FEW else f"{number:,}"


def open_partners(edition: Edition, project: Project) -> Partners:
    """Open an edition's returns as they lie in `data/raw`.

    Raises
    ------
    InputError
        If the edition names no source of returns, or the days of receipt cannot be read.
    """
    source = edition.source(RETURNS)
    folder = project.root / source.folder
    day = edition.register_day or due_date(Quarter.of(edition.span.last)) + dt.timedelta(days=1)
    register = intake_register(folder, as_of=day, span=edition.span, root=project.root)
    return Partners(source, folder, edition.span, day, register, project.root)


def prepare_partners(edition: Edition, project: Project) -> Partners | None:
    """Read an edition's returns and write what became of them into `data/processed/EDITION/returns/`.

    Simulated returns are written first where they are not there yet. `register.csv` says what came of each return;
    `set_aside.csv` holds every row that could not be understood, with its cell, the reason and what stood there;
    `superseded.csv` counts the rows that a later file replaced. Of a file that was refused nothing is written.

    Returns
    -------
    Partners or None
        None where the edition rests on no returns.

    Raises
    ------
    InputError
        See `open_partners`.
    """
    if not any(source.key == RETURNS for source in edition.sources):
        return None
    source = edition.source(RETURNS)
    folder = project.root / source.folder
    if source.simulated and not (folder.is_dir() and any(folder.iterdir())):
        _simulate(folder)
    partners = open_partners(edition, project)
    target = project.processed / edition.key / RETURNS
    names = [str(name) for name in partners.register.loc[partners.register["sha256"].notna(), "dataset"].unique()]
    gathered = [partners.gathered(name) for name in names]
    _write(partners.register, target / "register.csv")
    _write(_set_aside(gathered), target / "set_aside.csv")
    replaced = [(each.definition.name, len(each.superseded)) for each in gathered]
    _write(pd.DataFrame(replaced, columns=["dataset", "rows_replaced"]), target / "superseded.csv")
    return partners


def _simulate(folder: Path) -> None:
    from hcsp_assess.simulation.returns import write_demonstration_returns

    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    write_demonstration_returns(part)
    if folder.exists():
        folder.rmdir()  # it is empty
    part.rename(folder)


def _set_aside(gathered: list[CombinedReturn]) -> pd.DataFrame:
    frames = [
        result.set_aside.assign(dataset=result.definition.name, file=result.file)
        for each in gathered
        for result in each.results
        if len(result.set_aside)
    ]
    empty = pd.DataFrame(columns=list(ASIDE_COLUMNS))
    return pd.concat(frames, ignore_index=True)[list(ASIDE_COLUMNS)] if frames else empty


def _write(frame: pd.DataFrame, path: Path) -> None:
    from hcsp_assess.files import write_whole

    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, frame.to_csv(index=False, lineterminator="\n").encode("utf-8"))
