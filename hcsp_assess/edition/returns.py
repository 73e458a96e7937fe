"""Partners' returns of an edition: expected, received, and their quarterly series."""

import datetime as dt
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from hcsp_assess.assessment.equality import count_groups
from hcsp_assess.assessment.findings import Finding, FindingSource, LinkKind
from hcsp_assess.assessment.measures import span_of_quarters, with_measure
from hcsp_assess.assessment.partner_series import (
    QuarterChange,
    QuarterSeries,
    compare_all,
    published_series,
    quarter_series,
    series_definitions,
)
from hcsp_assess.assessment.performance import Performance
from hcsp_assess.assessment.wording.partner_series import describe_series
from hcsp_assess.disclosure import Audience, Gated, disclosure_rule, pass_gate, pass_gate_percentages
from hcsp_assess.edition.intake_register import due_date, expected_quarters, intake_register
from hcsp_assess.edition.published import find_published, published_performances, strategy_of
from hcsp_assess.files import csv_bytes, write_whole
from hcsp_assess.periods import Quarter, Span, parse_quarter
from hcsp_assess.project import Project
from hcsp_assess.simulation.returns import write_demonstration_returns
from hcsp_assess.sources.returns.combining import CombinedReturn, combine_return
from hcsp_assess.sources.returns.definitions import return_definition
from hcsp_assess.subject.areas import Area
from hcsp_assess.subject.editions import RETURNS, Edition, Source, is_data
from hcsp_assess.subject.holders import holder_in

#: Statuses of a line of the register that mean that something is missing.
GAPS = ("never received", "overdue", "due", "refused", "cannot be read", "not expected")
#: Those of them that leave something of a return out of the edition.
ABSENT = ("never received", "overdue", "due", "refused", "cannot be read")
#: Whether the rows of a file were used, in words.
ALL_ROWS, SOME_ROWS = "all", "not all"
ASIDE_COLUMNS = ("dataset", "file", "sheet", "row", "cell", "column", "reason", "original")
#: How a figure that was suppressed is printed.
SUPPRESSED = "[c]"


@dataclass(frozen=True)
class EditionReturns:
    """An edition's returns, and their quarterly series.

    Attributes
    ----------
    folder : Path
        Where they are as received, a folder for each return.
    day : datetime.date
        Day of the register.
    register : pandas.DataFrame
        As `edition.intake_register.intake_register` gives it.
    """

    edition: Edition
    area: Area
    project: Project
    folder: Path
    day: dt.date
    register: pd.DataFrame
    _read: dict[str, CombinedReturn] = field(default_factory=dict, repr=False, compare=False)

    @property
    def source(self) -> Source:
        """The edition's source of returns."""
        return self.edition.source(RETURNS)

    @property
    def span(self) -> Span:
        """The months assessed."""
        return self.edition.span

    @property
    def simulated(self) -> bool:
        """Whether the returns are simulated."""
        return self.source.simulated or bool(self.register["simulated"].fillna(value=False).any())

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """Quarters of the period assessed that were due by the date of the register."""
        return expected_quarters(self.day, self.span)

    @property
    def rows(self) -> dict[str, int]:
        """Rows of all files that could be read: in = kept + set aside."""
        return {
            name: int(self.register[column].sum())
            for name, column in (("in", "rows_in"), ("kept", "kept"), ("set aside", "set_aside"))
        }

    def combined(self, name: str) -> CombinedReturn:
        """Return the files of one return put together."""
        if name not in self._read:
            self._read[name] = combine_return(self.folder, name, root=self.project.root, as_of=self.day)
        return self._read[name]

    def read_all(self) -> None:
        """Read every return that was received or used for a series, and work out the series."""
        for name in self.names_received:
            self.combined(name)
        _ = self.changes, self.public_values

    @property
    def names_received(self) -> list[str]:
        """Returns of which a file could be read."""
        return [str(name) for name in self.register.loc[self.register["sha256"].notna(), "dataset"].unique()]

    def in_year(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a monthly return that are of the year assessed."""
        return rows[(rows["month"] >= self.span.first) & (rows["month"] <= self.span.last)] if len(rows) else rows

    @cached_property
    def series(self) -> Mapping[str, QuarterSeries]:
        """Every series by key, for the quarters assessed and those a year earlier."""
        wanted = sorted({each for quarter in self.quarters for each in (quarter, quarter.year_before)})
        series = [quarter_series(self.combined(item.source), item, wanted) for item in series_definitions()]
        return {item.definition.key: item for item in series}

    @cached_property
    def published_series(self) -> Mapping[str, QuarterSeries]:
        """Every series by key in the numbers that may be published: all findings are worked out from these."""
        return {key: published_series(item) for key, item in self.series.items()}

    @cached_property
    def changes(self) -> Mapping[str, QuarterChange]:
        """The change of each series that has a quarter in both years, adjusted for the others of its subject area.

        They are changes of the published numbers. A series has none where a quarter to be compared is hidden.
        """
        whole = [item for key, item in self.published_series.items() if not self._hides_a_pair(self.series[key], item)]
        return compare_all(whole, self.quarters)

    def _hides_a_pair(self, item: QuarterSeries, shown: QuarterSeries) -> bool:
        """Whether a quarter is hidden that is known in both years."""
        known, hidden = item.counts.notna(), item.counts.notna() & shown.counts.isna()
        pairs = [(str(quarter), str(quarter.year_before)) for quarter in self.quarters]
        return any(known[now] and known[before] and (hidden[now] or hidden[before]) for now, before in pairs)

    def of(self, chapter: str) -> list[QuarterSeries]:
        """Series of a chapter for which data were received."""
        return [item for item in self.series.values() if item.definition.chapter == chapter and was_received(item)]

    def holder(self, name: str) -> str:
        """The body that held a return's figures in the period assessed."""
        return holder_in(return_definition(name, self.project.root).holder, self.area, self.span.last)

    def sources(self, name: str) -> tuple[FindingSource, ...]:
        """The return as the source of a finding, by its title: names and checksums of its files are not published."""
        results = self.combined(name).results
        return tuple(dict.fromkeys(FindingSource(result.definition.title) for result in results))

    def findings_of(self, chapter: str) -> tuple[Finding, ...]:
        """Where each series of a chapter is against the year before, each with the files that it was counted from.

        A series that the edition has published figures of is said as the performance overview says it.
        """
        said = [self._finding(item) for item in self.of(chapter)]
        return tuple(finding for finding in said if finding is not None)

    def _finding(self, item: QuarterSeries) -> Finding | None:
        definition = item.definition
        if performance := self.published.get(definition.published):
            return find_published(self.edition, self.area, performance, definition.key)
        change = self.changes.get(definition.key)
        said = describe_series(self.published_series[definition.key], change)
        known = [parse_quarter(str(name)) for name in item.counts.index[item.counts.notna()]]
        span = span_of_quarters(change.quarters if change else known[-1:])
        sources = self.sources(definition.source)
        return None if said is None else with_measure(said, self.area.name, span, definition.title).traced(sources)

    @cached_property
    def published(self) -> Mapping[str, Performance]:
        """Indicators by key, of an edition that has published figures; none for another."""
        return {item.indicator.key: item for item in published_performances(self.edition, self.area)}

    @cached_property
    def published_figures(self) -> Mapping[str, dict[str, Any]]:
        """Figures that the edition's strategy quotes, by key, each with its measure, value, source and quote."""
        strategy = strategy_of(self.edition, self.area)
        rows = strategy.published.figures.to_dict("records") if strategy is not None else []
        return {str(row["figure"]): {str(name): value for name, value in row.items()} for row in rows}

    def published_cells(self, item: QuarterSeries) -> dict[str, str]:
        """Figures of a series as they were published, by name of the quarter; none where it was not."""
        performance = self.published.get(item.definition.published)
        return {str(cell.quarter): cell.printed for cell in performance.cells if cell.printed} if performance else {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Where every series is, of every chapter that the edition has, with links to its chart and table."""
        found: list[Finding] = []
        for chapter in dict.fromkeys(item.definition.chapter for item in self.series.values()):
            if chapter in self.edition.chapters:
                key = chapter.replace("_", "-")
                chart, table = f"#{key}-chart", f"#{key}-quarters"
                links: dict[LinkKind, str] = {"chart": chart, "table": table, "data": "#provenance"}
                found += [item.traced(links=links) for item in self.findings_of(chapter)]
        return tuple(found)

    @cached_property
    def public_values(self) -> dict[str, pd.Series]:
        """Each series by quarter after disclosure control; NA if suppressed or not received."""
        shown = [item for item in self.series.values() if was_received(item)]
        return {item.definition.key: gate_series(item, "public").counts.iloc[:, 0].astype("Float64") for item in shown}

    def rows_used(self, lines: pd.DataFrame) -> list[str]:
        """Say for lines of the register whether all rows of the file were used; "" where there is no file.

        This is all that the public edition has about rows: a number of records, beside rounded counts of the same
        records, can give the counts away.
        """
        return ["" if pd.isna(rows) else SOME_ROWS if rows else ALL_ROWS for rows in lines["set_aside"]]

    def problems(self) -> tuple[str, ...]:
        """List files that were refused, unreadable or unexpected, and files with rows set aside."""
        lines = self.register[self.register["status"].isin(["refused", "cannot be read", "not expected"])]
        told = [str(message) for message in lines["message"]]
        aside = self.register[self.register["set_aside"].fillna(0) > 0]
        told += [f"{line['file']}: {line['set_aside']} rows set aside" for _, line in aside.iterrows()]
        return tuple(told)


def was_received(item: QuarterSeries) -> bool:
    """Whether any quarter of a series has a figure, given or suppressed."""
    return bool(item.counts.notna().any() or (item.why == "c").any())


def gate_series(item: QuarterSeries, audience: Audience) -> Gated:
    """Return a quarterly series after disclosure control, for one kind of reader."""
    if item.whole is None:
        marks = item.why.to_frame(item.definition.title)
        counts = item.counts.to_frame(item.definition.title)
        return pass_gate(
            counts,
            rule=item.rule,
            table=item.definition.title,
            marks=marks,
            add_down=False,
            add_across=False,
            audience=audience,
        )
    return _share_gate(item, audience)


def _share_gate(item: QuarterSeries, audience: Audience) -> Gated:
    frame = pd.DataFrame({"percent": item.percent, "base": item.whole})
    rule = disclosure_rule(item.rule if audience == "public" else "open")
    gate = pass_gate_percentages(frame, rule=rule, table=item.definition.title)
    sent = (item.why == "c") & gate.counts["percent"].isna()
    symbols = gate.symbols.mask(pd.DataFrame({"percent": sent}), SUPPRESSED)
    return Gated(gate.table, gate.counts, symbols, gate.log, gate.rule, audience, gate.method)


def cross_counts(
    rows: pd.DataFrame, down: str, across: str, count: str, *, absent: Literal["x", "z"] = "x"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sum a column of counts by two others, for the gate.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of an aggregate return.
    down, across, count : str
        Columns: of groups that become rows, of groups that become columns, and of the counts.
    absent : str
        What no row for a pair of groups means: "x" not sent, "z" it does not apply.

    Returns
    -------
    tuple of pandas.DataFrame
        Counts (Int64), and why one is missing: "c" where the sender suppressed a part of it, "x" or "z".
    """
    parts = {str(name): count_groups(part, down, count) for name, part in rows.groupby(across, sort=True)}
    counts = pd.DataFrame({name: each[0] for name, each in parts.items()}).astype("Int64")
    marks = pd.DataFrame({name: each[1] for name, each in parts.items()}).reindex_like(counts)
    return counts.rename_axis(index=None), marks.fillna(absent).mask(counts.isna() & (marks == ""), "x")


def register_day(edition: Edition) -> dt.date:
    """Return the day of an edition's register of returns: its own, or the day after the last quarter's were due."""
    return edition.register_day or due_date(Quarter.of(edition.span.last)) + dt.timedelta(days=1)


def open_returns(edition: Edition, area: Area, project: Project) -> EditionReturns:
    """Open an edition's returns in `data/raw`.

    Raises
    ------
    InputError
        If the edition names no source of returns, or the days of receipt cannot be read.
    """
    folder = project.root / edition.source(RETURNS).folder
    day = register_day(edition)
    register = intake_register(folder, as_of=day, span=edition.span, root=project.root, area=area)
    return EditionReturns(edition, area, project, folder, day, register)


def keep_account(returns: EditionReturns, folder: Path) -> None:
    """Write the register and rows set aside of an edition's returns to `data/processed/`.

    `register.csv` says what was received of each return; `set_aside.csv` holds every row that could not be understood,
    with its cell, the reason and the text of the cell; `superseded.csv` counts the rows that a later file replaced;
    `notes.csv` says what was special in a file, such as hidden rows. Of a file that was refused nothing is written. No
    text of a partner's file can run as a formula in any of them.
    """
    register = returns.register
    combined = [returns.combined(name) for name in returns.names_received]
    replaced = [(each.definition.name, len(each.superseded)) for each in combined]
    tables = {
        "register.csv": register,
        "set_aside.csv": _set_aside(combined),
        "superseded.csv": pd.DataFrame(replaced, columns=["dataset", "rows_replaced"]),
        "notes.csv": pd.DataFrame(_notes(combined), columns=["dataset", "file", "note"]),
    }
    for name, table in tables.items():
        write_whole(folder / name, csv_bytes(table, inert=True))


def simulate_returns(source: Source, project: Project) -> None:
    """Write simulated returns if the edition uses them and they do not exist yet."""
    folder = project.root / source.folder
    if not source.simulated or (folder.is_dir() and any(is_data(path.name) for path in folder.iterdir())):
        return
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    write_demonstration_returns(part)
    if folder.exists():
        for path in folder.iterdir():  # a README, or what a file manager left behind
            path.replace(part / path.name)
        folder.rmdir()
    part.rename(folder)


def _notes(combined: list[CombinedReturn]) -> list[tuple[str, str, str]]:
    results = [result for each in combined for result in each.results]
    return [(result.definition.name, result.file, note) for result in results for note in result.account.remarks]


def _set_aside(combined: list[CombinedReturn]) -> pd.DataFrame:
    frames = [
        result.set_aside.assign(dataset=result.definition.name, file=result.file)
        for each in combined
        for result in each.results
        if len(result.set_aside)
    ]
    empty = pd.DataFrame(columns=list(ASIDE_COLUMNS))
    return pd.concat(frames, ignore_index=True)[list(ASIDE_COLUMNS)] if frames else empty
