"""What is true of the simulated archive: its stated truth, and the counts expected from it."""

import tomllib
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcsp_assess.periods import FinancialYear, Quarter, Span, parse_month
from hcsp_assess.sources.indicators import read_cells
from hcsp_assess.subject.areas import area

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Planted:
    """Something that is true of the simulated records, for the methods to find.

    Attributes
    ----------
    key : str
        "rural_crime", "shoplifting", "violence_with_injury" or "recording_change".
    direction : str
        "rising", "falling" or "recording change".
    annual_percent : float
        Expected change a year over the whole span, after the totals were met, in percent; NaN for a recording change.
    about : str
        The truth in a sentence.
    """

    key: str
    direction: str
    annual_percent: float
    about: str


@dataclass(frozen=True)
class Truth:
    """The stated truth (definitions/simulation.toml), with the LSOAs and map points it is spread over.

    Attributes
    ----------
    fields : dict
        The definition file.
    places : pandas.DataFrame
        One row per LSOA: `name`, `rural`, and one column per crime type with its relative weight there.
    points : pandas.DataFrame
        Map points: `lsoa11_code`, `longitude`, `latitude`, `location`, grouped by LSOA, in order of use.
    """

    fields: dict[str, Any]
    places: pd.DataFrame
    points: pd.DataFrame

    @cached_property
    def months(self) -> pd.PeriodIndex:
        """Every month."""
        return Span(parse_month(self.fields["first"]), parse_month(self.fields["last"])).months

    @cached_property
    def quarters(self) -> list[Quarter]:
        """The quarter of each month."""
        return [Quarter.of(month) for month in self.months]

    @cached_property
    def types(self) -> list[str]:
        """The crime types, anti-social behaviour first."""
        return list(self.fields["types"])

    def totals(self, indicator: str) -> dict[Quarter | FinancialYear, int]:
        """Return the totals to be met: published quarters, and the years before them."""
        years = {FinancialYear(int(year[:4])): total for year, total in self.fields["totals"][indicator].items()}
        cells = [cell for cell in read_cells() if cell.indicator == indicator]
        return years | {cell.quarter: int(cell.printed) for cell in cells}


def read_truth() -> Truth:
    """Read the stated truth that comes with the package."""
    folder = resources.files("hcsp_assess") / "definitions"
    fields = tomllib.loads((folder / "simulation.toml").read_text(encoding="utf-8"))
    here = area(fields["area"])
    with (folder / "simulation_places.csv").open(encoding="utf-8") as file:
        places = pd.read_csv(file, index_col="lsoa11_code")
    places.insert(0, "name", places.index.map({small.code: small.name for small in here.small_areas}))
    places.insert(1, "rural", places.index.map({small.code: small.rural for small in here.small_areas}).astype(bool))
    with (folder / "simulation_points.csv").open(encoding="utf-8") as file:
        points = pd.read_csv(file, dtype=str, keep_default_na=False)
    number = (points.groupby("lsoa11_code").cumcount() + 1).astype(str)
    street = "Simulated Street " + points["lsoa11_code"].map(places["name"]).str.split().str[-1] + " " + number
    points["location"] = "On or near " + points["kind"].where(points["kind"] != "", street)
    return Truth(fields, places, points)


def expected_counts(truth: Truth) -> Floats:
    """Expected records by month, type and place (urban, rural), before chance; recorded crime meets its totals."""
    intensity = _intensity(truth)
    crime = intensity[:, 1:]
    totals = _expected_quarters(truth, "recorded_crime", crime.sum(axis=(1, 2)))
    intensity[:, 1:] = crime * (totals / _by_quarter(truth, crime.sum(axis=(1, 2))))[:, None, None]
    return intensity


def planted(truth: Truth) -> tuple[Planted, ...]:
    """Return what is true of the simulated records, with the expected change a year."""
    counts = expected_counts(truth)
    violence = counts[:, truth.types.index("Violent crime")].sum(axis=1)
    injury = _expected_quarters(truth, "violence_with_injury", violence) / _by_quarter(truth, violence) * violence
    series = {
        "rural_crime": counts[:, 1:, 1].sum(axis=1),
        "shoplifting": counts[:, truth.types.index("Shoplifting")].sum(axis=1),
        "violence_with_injury": injury,
    }
    return tuple(
        Planted(
            item["key"],
            item["direction"],
            _annual_percent(truth, series[item["key"]]) if item["key"] in series else float("nan"),
            item["about"],
        )
        for item in truth.fields["planted"]
    )


def _intensity(truth: Truth) -> Floats:
    """Intensity by month, type and place from levels, growth, season, days in the month and the recording change."""
    months = truth.months
    years = (np.arange(len(months)) - (len(months) - 1)) / 12
    days = np.asarray(months.days_in_month) * 12 / 365.25
    rural = truth.places["rural"].to_numpy()
    result = np.empty((len(months), len(truth.types), 2))
    for column, (name, shape) in enumerate(truth.fields["types"].items()):
        season = shape["season"] * np.cos(2 * np.pi * (np.asarray(months.month) - shape["peak"]) / 12)
        level = shape["level"] / 12 * days * np.exp(shape["growth"] * years + season)
        weights = truth.places[name].to_numpy(dtype=float)
        odds = (
            weights[rural].sum() / weights[~rural].sum() * np.exp(truth.fields["rural"]["growth_of_log_odds"] * years)
        )
        result[:, column] = np.column_stack([level / (1 + odds), level * odds / (1 + odds)])
    change = truth.fields["recording_change"]
    before = months < parse_month(change["month"])
    result[before, truth.types.index(change["type"])] /= change["factor"]
    return result


def _expected_quarters(truth: Truth, indicator: str, monthly: Floats) -> Floats:
    """Return, for each month, the expected total of its quarter."""
    result = np.empty(len(truth.months))
    for period, total in truth.totals(indicator).items():
        quarters = [period] if isinstance(period, Quarter) else list(period.quarters)
        weights = [monthly[rows_of(truth, quarter)].sum() for quarter in quarters]
        for quarter, weight in zip(quarters, weights, strict=True):
            result[rows_of(truth, quarter)] = total * weight / sum(weights)
    return result


def _by_quarter(truth: Truth, monthly: Floats) -> Floats:
    return np.array([monthly[rows_of(truth, quarter)].sum() for quarter in truth.quarters])


def rows_of(truth: Truth, quarter: Quarter) -> slice:
    """Return the rows of a quarter among the truth's months."""
    first = truth.quarters.index(quarter)
    return slice(first, first + 3)


def _annual_percent(truth: Truth, monthly: Floats) -> float:
    """Slope of the log of a daily mean, with a level for each month of the year, in percent a year."""
    years = np.arange(len(monthly)) / 12
    month_of_year = np.asarray(truth.months.month)[:, None] == np.arange(1, 13)
    log_daily = np.log(monthly / np.asarray(truth.months.days_in_month))
    slope = np.linalg.lstsq(np.column_stack([years, month_of_year]), log_daily, rcond=None)[0][0]
    return float(100 * np.expm1(slope))
