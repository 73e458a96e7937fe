"""Coverage: which force-months we hold, and which of them the counts use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from hcsp_assess.edition.counts import CountTable
from hcsp_assess.edition.incomplete import QUIET, judge_files
from hcsp_assess.periods import Span
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.never_published import TRANSPORT_POLICE, name_of_force, never_published

Status = Literal["held", "incomplete", "not held", "never published"]
STATUSES = HELD, INCOMPLETE, NOT_HELD, NEVER = "held", "incomplete", "not held", "never published"
SMALL_SHARE = 0.01  # of an area's records: a force below it may lack months without moving a series
MOST_MONTHS = 0.75  # of the home force's complete months that another force needs in order to be counted


@dataclass(frozen=True)
class LeftOut:
    """A force, other than the area's own, whose records are left out of every count.

    Attributes
    ----------
    force, name : str
        As in the names of files, and for readers.
    missing : pandas.PeriodIndex
        Months of the two years compared for which we hold no complete file of it; of the whole history where it has
        all of those.
    records : int
        Records in the area that are left out, of all months.
    compared : bool
        Whether `missing` are months of the two years compared.
    """

    force: str
    name: str
    missing: pd.PeriodIndex
    records: int
    compared: bool


@dataclass(frozen=True)
class Coverage:
    """What is held by force and month, and what is counted.

    Attributes
    ----------
    home, home_name : str
        The area's own force, as in the names of files and for readers.
    files : pandas.DataFrame
        Each file's rows beside what is usual: see `edition.incomplete.judge_files`.
    status : pandas.DataFrame
        `Status` by month (rows) and force (columns; the area's own first): every force with records in the area, and
        the transport police. From the first January that a file is of to the last December.
    complete : pandas.PeriodIndex
        Months of the area's own force that are complete: those that are counted.
    left_out : tuple of LeftOut
        Forces whose records are in no count.
    gaps : mapping of str to pandas.PeriodIndex
        For each other force that is counted and has a material share of records: months of `complete` without a
        complete file of it, which are not counted either.
    """

    home: str
    home_name: str
    files: pd.DataFrame
    status: pd.DataFrame
    complete: pd.PeriodIndex
    left_out: tuple[LeftOut, ...]
    gaps: dict[str, pd.PeriodIndex]

    @property
    def counted(self) -> pd.PeriodIndex:
        """Months in every count: complete for the area's own force and those counted with it."""
        missing = {month for months in self.gaps.values() for month in months}
        return pd.PeriodIndex([month for month in self.complete if month not in missing], freq="M")

    def incomplete(self, force: str = "") -> pd.DataFrame:
        """The files of a force (the area's own by default) that are incomplete: `month`, `rows`, `share`, `reason`."""
        files = self.files[self.files["force"] == (force or self.home)]
        return files[~files["reason"].isin(["", QUIET])]

    def unusually_low(self) -> pd.DataFrame:
        """Files with few rows that count as complete, because of their crime types or a lockdown."""
        return self.files[self.files["reason"] == QUIET]

    def limit(self, table: CountTable) -> CountTable:
        """Return the table of what is counted: `counted` months, without the forces and files left out."""
        account, cells = table.account, table.cells
        kept = [str(name) for name in self.status if name not in {item.force for item in self.left_out}]
        usable = _complete_months(self.files)
        pairs = {(force, month) for force in kept for month in usable.get(force, ()) if month in set(self.counted)}

        def among(frame: pd.DataFrame) -> pd.DataFrame:
            index = pd.MultiIndex.from_arrays([frame["force"], frame["month"]])
            return frame[index.isin(pairs)].reset_index(drop=True)

        return replace(table, cells=among(cells), account=among(account))

    def by_year(self) -> pd.DataFrame:
        """Months by force, calendar year and status.

        Returns
        -------
        pandas.DataFrame
            Columns "Force", "Year", "Held", "Incomplete", "Not held", "Never published"; the last four count months.
        """
        years = pd.PeriodIndex(self.status.index).year
        rows = []
        for force in self.status:
            for year, months in self.status[force].groupby(years):
                counts = {status.capitalize(): int((months == status).sum()) for status in STATUSES}
                rows.append({"Force": self.name(str(force)), "Year": str(year), **counts})
        return pd.DataFrame(rows).astype({status.capitalize(): "Int64" for status in STATUSES})

    def home_by_year(self) -> pd.DataFrame:
        """Months of the area's own force by calendar year, with those that are not held in full named.

        Returns
        -------
        pandas.DataFrame
            Columns "Year", "Months held" (in full), "Incomplete", "Not held", "Never published": names of months.
        """
        mine = self.status[self.home]
        rows = []
        for year, months in mine.groupby(pd.PeriodIndex(mine.index).year):
            named = {status: _names(months.index[months == status]) for status in (INCOMPLETE, NOT_HELD, NEVER)}
            texts = {status.capitalize(): text for status, text in named.items()}
            rows.append({"Year": str(year), "Months held": int((months == HELD).sum()), **texts})
        return pd.DataFrame(rows)

    def name(self, force: str) -> str:
        """Name of a force for readers."""
        return self.home_name if force == self.home else name_of_force(force)


def find_coverage(table: CountTable, area: Area, span: Span) -> Coverage:
    """Find which force-months are held, and decide which are counted.

    The area's own force decides which months are counted: those for which we hold a complete file. Another force is
    counted if we hold its complete file for every month of the two years compared, and either has under 1% of the
    area's records or is complete in three quarters of the months counted (a month that it lacks is then missing for the
    area). Otherwise its records are left out of every count, so that a gap in its files is not taken for a change.

    Parameters
    ----------
    table : CountTable
        Counts of the area's records, with the account of every file.
    span : Span
        The year assessed.
    """
    simulated = table.simulated
    files = judge_files(table.account, None if simulated else table.cells)
    if simulated:
        files = files.assign(reason="")
    complete = _complete_months(files)
    home = complete.get(area.force, pd.PeriodIndex([], freq="M"))
    records = _records(table, area)
    status = _statuses(files, complete, area.force, records, span, simulated=simulated)
    window = _window(home, span)
    left_out: list[LeftOut] = []
    gaps: dict[str, pd.PeriodIndex] = {}
    for force in (str(name) for name in status if name != area.force and records.get(str(name), 0)):
        mine = complete.get(force, pd.PeriodIndex([], freq="M"))
        lacking, anywhere = window.difference(mine), home.difference(mine)
        material = records[force] >= SMALL_SHARE * sum(records.values())
        if len(lacking) or (material and len(anywhere) > (1 - MOST_MONTHS) * len(home)):
            missing = lacking if len(lacking) else anywhere
            left_out.append(LeftOut(force, name_of_force(force), missing, records[force], bool(len(lacking))))
        elif material:
            gaps[force] = anywhere
    return Coverage(area.force, area.force_name, files, status, home, tuple(left_out), gaps)


def _names(months: pd.Index) -> str:
    if months.empty:
        return "none"
    return "all" if len(months) == 12 else ", ".join(month.strftime("%b") for month in months)  # of one year


def _complete_months(files: pd.DataFrame) -> dict[str, pd.PeriodIndex]:
    complete = files[files["reason"].isin(["", QUIET])]
    return {str(force): pd.PeriodIndex(sorted(mine["month"]), freq="M") for force, mine in complete.groupby("force")}


def _records(table: CountTable, area: Area) -> dict[str, int]:
    """Records in the area, by the force that recorded them."""
    inside = table.cells[table.cells["lsoa_code"].isin(set(area.folds))]
    return {str(force): int(count) for force, count in inside.groupby("force")["count"].sum().items()}


def _statuses(
    files: pd.DataFrame,
    complete: dict[str, pd.PeriodIndex],
    home: str,
    records: dict[str, int],
    span: Span,
    *,
    simulated: bool,
) -> pd.DataFrame:
    transport = set() if simulated else {TRANSPORT_POLICE}
    forces = [home, *sorted((set(records) | transport) - {home})]
    first = min([*files["month"], span.first])
    last = max([*files["month"], span.last])
    months = pd.period_range(f"{first.year}-01", f"{last.year}-12", freq="M", name="month")
    received = {str(force): set(mine["month"]) for force, mine in files.groupby("force")}
    columns = {
        force: [
            _status(force, month, set(complete.get(force, ())), received.get(force, set()), simulated=simulated)
            for month in months
        ]
        for force in forces
    }
    return pd.DataFrame(columns, index=months)


def _status(
    force: str, month: pd.Period, complete: set[pd.Period], received: set[pd.Period], *, simulated: bool
) -> Status:
    if month in complete:
        return "held"
    if month in received:
        return "incomplete"
    return "never published" if not simulated and never_published(force, month) else "not held"


def _window(home: pd.PeriodIndex, span: Span) -> pd.PeriodIndex:
    """Months of the year assessed, and comparable months of the year before."""
    year = home[home.isin(span.months)]
    before = home[home.isin(year - 12)]
    return pd.PeriodIndex([*before, *year], freq="M")
