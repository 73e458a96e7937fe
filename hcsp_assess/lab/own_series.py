"""Series in your own file, as the explorer shows them; the file is read here and sent nowhere."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.trends import describe_trend, say_title
from hcsp_assess.chapters.shared.own_series import chart_parts, charts_by_year
from hcsp_assess.errors import InputError
from hcsp_assess.lab.compared import Compared, compare_periods_of, period_of
from hcsp_assess.lab.model_results import ModelResults, model_results
from hcsp_assess.report.charts import Chart, Heading
from hcsp_assess.report.monthly_charts import chart_months
from hcsp_assess.report.season_charts import table_of
from hcsp_assess.report.tables import Table
from hcsp_assess.report.trend_charts import chart_verdict
from hcsp_assess.sources.returns.personal import refuse_personal_data
from hcsp_assess.sources.returns.sheets import read_sheets
from hcsp_assess.sources.returns.workbook_facts import workbook_facts
from hcsp_assess.sources.series_files import SeriesFile, read_series
from hcsp_assess.trends import Trend, assess_trends
from hcsp_assess.trends.monthly import periods_per_year
from hcsp_assess.trends.year_grid import part_of_year, year_grid

KINDS = (".csv", ".xlsx")
LARGEST = 5_000_000  # bytes; a table of counts is far smaller


@dataclass(frozen=True)
class OwnSeries:
    """One series of a file.

    Attributes
    ----------
    name : str
        Its name in the file.
    counts : pandas.Series
        On months or quarters; NA = not held.
    trend : Trend
        Tested together with the other series of the file.
    unit : str
        What is counted: "ambulance calls".
    source : str
        Name of the file.
    """

    name: str
    counts: pd.Series
    trend: Trend
    unit: str
    source: str

    @property
    def heading(self) -> Heading:
        """Of its charts."""
        months = pd.PeriodIndex(self.counts.index)
        part = part_of_year(periods_per_year(months))
        subtitle = f"{self.unit[:1].upper()}{self.unit[1:]} a {part}, {months[0].year} to {months[-1].year}"
        return Heading(key="own", title=say_title(self.trend, self.name), subtitle=subtitle, source=self.source)


def read_own(name: str, content: bytes) -> SeriesFile:
    """Read a file of series of counts: CSV or xlsx, in any layout that `sources.series_files.read_series` reads.

    Parameters
    ----------
    name : str
        Name of the file.
    content : bytes
        What is in it.

    Raises
    ------
    InputError
        In one sentence: another kind of file, too large, personal data in it, or no series of counts.
    """
    name = PurePosixPath(PureWindowsPath(name).name).name
    if not name.lower().endswith(KINDS):
        raise InputError(f"{name} is neither .csv nor .xlsx: save the table as one of these")
    if len(content) > LARGEST:
        size = f"{len(content) / 1_000_000:,.0f} MB, and at most {LARGEST // 1_000_000} MB are read"
        raise InputError(f"{name} has {size}: keep the months and counts alone")
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        refuse_personal_data(read_sheets(path, content), {}, file=name, facts=workbook_facts(content, name))
        return read_series(path)


def assess_own(found: SeriesFile, unit: str, source: str) -> dict[str, OwnSeries]:
    """Find the trend of every series of a file, tested together."""
    trends = assess_trends(found.counts)
    return {name: OwnSeries(name, found.counts[name], trend, unit, source) for name, trend in trends.items()}


def describe_own(series: OwnSeries) -> Finding:
    """Describe whether the series is rising or falling, and how sure that is."""
    return describe_trend(series.trend, series.name, series.unit)


def show_own_trend(series: OwnSeries) -> Chart:
    """Chart the series with its trend line, or its months alone if there is too little data for one."""
    if not series.trend.tested:
        return chart_months(series.counts, series.heading, unit=series.unit)
    return chart_verdict(series.trend, series.heading, sentence=describe_own(series).sentence)


def show_own_decomposition(series: OwnSeries) -> Chart | Finding:
    """Split the series into trend, season and remainder, or explain why that is not possible."""
    try:
        return chart_parts(series.counts, series.name, series.trend, series.heading)
    except InputError as error:
        return Finding("own", f"{series.name}: we cannot separate trend from season, because {error}.")


def show_own_months(series: OwnSeries) -> Chart | Finding:
    """Show counts by month and year as a heat map."""
    return _by_year(series, 0)


def show_own_years(series: OwnSeries) -> Chart | Finding:
    """Chart the years over each other, the latest beside the one before."""
    return _by_year(series, 1)


def table_own(series: OwnSeries) -> Table:
    """Tabulate the counts by year and month or quarter."""
    frame = table_of(year_grid(series.counts))
    return Table(frame, f"{series.name}, {series.unit}, from {series.source}", "own-months")


def show_own_model(series: OwnSeries) -> ModelResults | Finding:
    """Show the regression on season and time as statsmodels reports it, or why there is none."""
    return model_results(series.counts, series.name)


def compare_own(series: OwnSeries, period: tuple[str, str], other: tuple[str, str]) -> Compared:
    """Compare two periods of the series; see `lab.compared.compare_periods_of`."""
    spans = [period_of(series.counts, *each) for each in (period, other)]
    return compare_periods_of(series.counts, series.name, series.unit, (spans[0], spans[1]), series.heading)


#: The parts shown of a series of a file, in order: title and function.
OWN_PARTS: dict[str, tuple[str, Callable[[OwnSeries], Any]]] = {
    "trend": ("Trend", show_own_trend),
    "decomposition": ("Trend and season", show_own_decomposition),
    "months": ("Months by years", show_own_months),
    "years": ("Year on year", show_own_years),
    "data": ("Data", table_own),
    "model": ("Model", show_own_model),
}


def _by_year(series: OwnSeries, which: int) -> Chart | Finding:
    charts = charts_by_year(series.counts, series.name, series.heading, series.unit)
    return charts[which] if charts else Finding("own", f"{series.name}: one year is held, so years cannot be compared.")
