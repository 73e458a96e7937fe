"""A simulated archive in the form of data.police.uk, from a stated truth and a seed.

No street-level records survive from before December 2010, so the demonstration edition is made from these. Quarterly
totals equal the published ones; everything else is drawn. docs/simulation.md says how, and what cannot be learnt.
"""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from hcsp_assess.errors import InputError, UsageError
from hcsp_assess.files import csv_bytes
from hcsp_assess.periods import Quarter, Span, months_of, parse_month
from hcsp_assess.simulation.truth import Floats, Planted, Truth, expected_counts, planted, read_truth, rows_of
from hcsp_assess.sources.simulated import MARK, is_simulated
from hcsp_assess.subject.crime_types import ANTI_SOCIAL_BEHAVIOUR

Counts = npt.NDArray[np.int64]
Progress = Callable[[str, int, int], object]

VIOLENT_CRIMES = "simulated-force-extract.csv"
COLUMNS = [
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
]


@dataclass(frozen=True)
class Simulation:
    """What was written.

    Attributes
    ----------
    folder : Path
        Root of the archive.
    seed, version : int
        Seed of the draw, and version of the stated truth.
    span : Span
        Months written.
    rows : int
        Rows in the street-level files.
    planted : tuple of Planted
        What is true of them.
    """

    folder: Path
    seed: int
    version: int
    span: Span
    rows: int
    planted: tuple[Planted, ...]


@dataclass(frozen=True)
class PlantedChange:
    """The change of recording in the simulated archive, as dated knowledge for the verdicts.

    Attributes
    ----------
    name, what, source : str
        Short name, what changed, and where that is stated.
    month : pandas.Period
        First month recorded the new way.
    crime_type : str
        The type that it touches.
    unconfirmed : str
        "": what is planted is known.
    """

    name: str
    month: pd.Period
    what: str
    crime_type: str
    source: str = "built into the simulated records"
    unconfirmed: str = ""

    @property
    def expected_step(self) -> bool:
        """It is one step in one month."""
        return True


@lru_cache(maxsize=1)
def planted_change() -> PlantedChange:
    """Return the change of recording that the simulated archive holds."""
    change = read_truth().fields["recording_change"]
    return PlantedChange("planted-recording-change", parse_month(change["month"]), change["about"], change["type"])


def simulate_archive(
    out: Path,
    *,
    seed: int | None = None,
    first: str = "2008-04",
    last: str = "2012-12",
    progress: Progress | None = None,
) -> Simulation:
    """Write a simulated archive: one street-level file a month, its violent crimes and the mark `SIMULATED.toml`.

    Cleaned (rows with a repeated Crime ID taken out, rows outside the area and without a location left aside), recorded
    crime and violence with injury equal the published table in each quarter from April 2011. The files do not depend on
    `first` and `last`: those only choose which months of the one draw are written.

    Parameters
    ----------
    out : Path
        Folder to write; made anew. One that exists must be empty or hold an earlier simulated archive.
    seed : int, optional
        By default the one stated with the truth. The same seed gives the same bytes.
    first, last : str
        Months to write, within the truth's.
    progress : callable, optional
        Called with what is being done, how many months are done, and how many there are.

    Raises
    ------
    UsageError
        If `out` holds something else, or the months are outside the truth's.
    """
    truth = read_truth()
    span = Span(parse_month(first), parse_month(last))
    if span.first < truth.months[0] or span.last > truth.months[-1]:
        raise UsageError(f"months {span} are not all simulated: choose from {truth.months[0]} to {truth.months[-1]}")
    _check_free(out)
    chosen = int(truth.fields["seed"]) if seed is None else seed
    records, violent = draw_records(truth, chosen)
    partial = out.with_name(out.name + ".partial")
    if partial.exists():
        shutil.rmtree(partial)
    try:
        rows = _write_months(partial, truth, records, span, progress)
        written = violent[violent["Month"].between(str(span.first), str(span.last))]
        _write_csv(written, partial / VIOLENT_CRIMES)
        (partial / MARK).write_text(_mark(truth, chosen, span), encoding="utf-8", newline="\n")
        if out.exists():
            shutil.rmtree(out)
        partial.replace(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Simulation(out, chosen, truth.fields["version"], span, rows, planted(truth))


def read_violent_crimes(folder: Path) -> pd.DataFrame:
    """Read the companion of a simulated archive: every violent crime in the area with its markers.

    data.police.uk has no type for violence with injury; the partnership had it from the force. So it is here: one row a
    crime with `Crime ID`, `Month`, `LSOA code`, `Crime type`, and "yes" or "no" for `With injury`, `Alcohol marker`,
    `Domestic abuse marker`.

    Raises
    ------
    InputError
        If the folder has no such file.
    """
    path = folder / VIOLENT_CRIMES
    if not path.is_file():
        raise InputError(f"{folder} has no {VIOLENT_CRIMES}: it is not a simulated archive; run `hcsp-assess simulate`")
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def violence_with_injury(folder: Path) -> pd.Series:
    """Monthly count of violence with injury in a simulated archive: Int64 by month, every month that was written."""
    violent = read_violent_crimes(folder)
    months = months_of(violent["Month"])
    every = pd.period_range(months.min(), months.max(), freq="M", name="month")
    injured = months[violent["With injury"] == "yes"].value_counts()
    return injured.reindex(every, fill_value=0).astype("Int64").rename("violence_with_injury")


def incidents_by_month() -> dict[pd.Period, int]:
    """Incidents of anti-social behaviour in each month of the simulated archive.

    Examples
    --------
    >>> sum(number for month, number in incidents_by_month().items() if month.year == 2012)
    8783
    """
    truth = read_truth()
    counts = _draw_counts(truth, np.random.Generator(np.random.PCG64(int(truth.fields["seed"]))))
    incidents = counts[:, truth.types.index(ANTI_SOCIAL_BEHAVIOUR)].sum(axis=1)
    return dict(zip(truth.months, incidents.tolist(), strict=True))


def draw_records(truth: Truth, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw every record of the archive, and its violent crimes with their markers.

    Returns
    -------
    (pandas.DataFrame, pandas.DataFrame)
        Street-level rows with the columns of data.police.uk, in the order of the files; and the violent crimes of the
        area with their markers, one row each.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    counts = _draw_counts(truth, rng)
    injured = _draw_injured(truth, rng, counts[:, truth.types.index("Violent crime")].sum(axis=1))
    records = _place_records(truth, rng, counts)
    records["Crime ID"] = _crime_ids(records, seed)
    violent = _violent_crimes(truth, rng, records, injured)
    extra = _outside_area(truth, rng, seed, counts[:, 1:].sum(axis=(1, 2)))
    repeated = _repeated_ids(truth, rng, records)
    return _as_files(pd.concat([records, extra, repeated], ignore_index=True)), violent


def _noise(truth: Truth, rng: np.random.Generator) -> Floats:
    """Return multipliers with mean one: log-normal, AR(1), of the county, of each type and of each kind of place."""
    settings = truth.fields["noise"]
    shape = len(truth.months), len(truth.types)
    parts = [(settings["county"], (1, 1)), (settings["type"], (shape[1], 1)), (settings["place"], (1, 2))]
    total = np.zeros((*shape, 2))
    for variance, width in parts:
        shocks = rng.normal(size=(shape[0], *width))
        walk = np.empty_like(shocks)
        walk[0] = shocks[0]
        rho = settings["autocorrelation"]
        for month in range(1, shape[0]):
            walk[month] = rho * walk[month - 1] + np.sqrt(1 - rho**2) * shocks[month]
        total += np.sqrt(variance) * walk - variance / 2
    return np.exp(total)


def _draw_counts(truth: Truth, rng: np.random.Generator) -> Counts:
    """Records by month, type and place; recorded crime meets its totals exactly, quarter by quarter."""
    intensity = np.round(expected_counts(truth) * _noise(truth, rng), 6)  # rounded: the same on every machine
    counts = np.zeros(intensity.shape, dtype=np.int64)
    counts[:, 0] = rng.poisson(intensity[:, 0])
    for quarter, total in _draw_totals(truth, rng, "recorded_crime", intensity[:, 1:].sum(axis=(1, 2))).items():
        at = rows_of(truth, quarter)
        cells = intensity[at, 1:]
        counts[at, 1:] = rng.multinomial(total, (cells / cells.sum()).ravel()).reshape(cells.shape)
    return counts


def _draw_injured(truth: Truth, rng: np.random.Generator, violent: Counts) -> Counts:
    """Violent crimes with injury in each month: drawn among those recorded, to the quarter's total."""
    injured = np.zeros_like(violent)
    for quarter, total in _draw_totals(truth, rng, "violence_with_injury", violent.astype(float)).items():
        at = rows_of(truth, quarter)
        injured[at] = rng.multivariate_hypergeometric(violent[at], total)
    return injured


def _draw_totals(truth: Truth, rng: np.random.Generator, indicator: str, monthly: Floats) -> dict[Quarter, int]:
    """Return the total of each quarter: as published, or the year's divided at random in proportion to the months."""
    quarters: dict[Quarter, int] = {}
    for period, total in truth.totals(indicator).items():
        if isinstance(period, Quarter):
            quarters[period] = total
        else:
            weights = np.array([monthly[rows_of(truth, quarter)].sum() for quarter in period.quarters])
            drawn = rng.multinomial(total, np.round(weights / weights.sum(), 9))
            quarters |= dict(zip(period.quarters, drawn.tolist(), strict=True))
    return quarters


def _place_records(truth: Truth, rng: np.random.Generator, counts: Counts) -> pd.DataFrame:
    """One row per record, at a map point of an LSOA of its kind of place."""
    month, kind, place = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    rural = truth.places["rural"].to_numpy()
    lsoa = np.empty(len(month), dtype=np.int64)
    for column, name in enumerate(truth.types):
        for side in (0, 1):
            here = np.flatnonzero((kind == column) & (place == side))
            candidates = np.flatnonzero(rural == bool(side))
            weights = truth.places[name].to_numpy(dtype=float)[candidates] + 0.5
            lsoa[here] = rng.choice(candidates, size=len(here), p=weights / weights.sum())
    size = truth.points.groupby("lsoa11_code").size().reindex(truth.places.index).to_numpy()
    start = np.concatenate([[0], np.cumsum(size)[:-1]])
    point = truth.points.iloc[start[lsoa] + (size[lsoa] * rng.random(len(lsoa)) ** 2).astype(np.int64)]
    labels = np.array([str(item) for item in truth.months])
    frame = pd.DataFrame({"Month": labels[month], "Crime type": np.array(truth.types)[kind]})
    frame["Longitude"], frame["Latitude"], frame["Location"] = (
        point[name].to_numpy() for name in ("longitude", "latitude", "location")
    )
    frame["LSOA code"] = truth.places.index.to_numpy()[lsoa]
    frame["LSOA name"] = truth.places["name"].to_numpy()[lsoa]
    return _with_outcomes(truth, rng, frame)


def _with_outcomes(truth: Truth, rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    outcomes = truth.fields["outcomes"]
    drawn = rng.choice(list(outcomes), size=len(frame), p=np.array(list(outcomes.values())) / sum(outcomes.values()))
    crime = frame["Crime type"] != ANTI_SOCIAL_BEHAVIOUR
    frame["Last outcome category"] = np.where(crime, drawn, "")
    frame["Reported by"] = frame["Falls within"] = truth.fields["force_name"]
    frame["Context"] = "Simulated"
    return frame


def _crime_ids(records: pd.DataFrame, seed: int, salt: str = "") -> list[str]:
    """64 hexadecimal digits like the real ones, but beginning with eight zeros; none for anti-social behaviour."""
    crime = (records["Crime type"] != ANTI_SOCIAL_BEHAVIOUR).tolist()
    names = (f"{seed}{salt}|{month}|{row}" for row, month in enumerate(records["Month"]))
    return [
        "0" * 8 + hashlib.sha256(name.encode()).hexdigest()[:56] if has_id else ""
        for name, has_id in zip(names, crime, strict=True)
    ]


def _violent_crimes(truth: Truth, rng: np.random.Generator, records: pd.DataFrame, injured: Counts) -> pd.DataFrame:
    violent: pd.DataFrame = records.loc[
        records["Crime type"] == "Violent crime", ["Crime ID", "Month", "LSOA code", "Crime type"]
    ]
    order = pd.Series(rng.permutation(len(violent)), index=violent.index)
    rank = order.groupby(violent["Month"]).rank().sub(1)
    number = violent["Month"].map(dict(zip([str(month) for month in truth.months], injured.tolist(), strict=True)))
    violent = violent.assign(**{"With injury": np.where(rank < number, "yes", "no")})
    for marker, share in truth.fields["markers"].items():
        violent[marker] = np.where(rng.random(len(violent)) < share, "yes", "no")
    return violent.sort_values(["Month", "Crime ID"], ignore_index=True)


def _outside_area(truth: Truth, rng: np.random.Generator, seed: int, crimes: Counts) -> pd.DataFrame:
    """Crimes without a location, and crimes in other districts of the force: they count for no LSOA of the area."""
    quirks = truth.fields["quirks"]
    lost = rng.poisson(np.round(crimes * quirks["no_location_share"], 6))
    away = rng.poisson(quirks["outside_rows_a_month"], size=len(lost))
    labels = [str(month) for month in truth.months]
    nowhere = pd.DataFrame({"Month": np.repeat(labels, lost), "Location": "No Location"})
    nowhere = nowhere.assign(**dict.fromkeys(["Longitude", "Latitude", "LSOA code", "LSOA name"], ""))
    places = pd.DataFrame(truth.fields["outside"]).rename(
        columns={"lsoa": "LSOA code", "name": "LSOA name", "longitude": "Longitude", "latitude": "Latitude"}
    )
    elsewhere = places.iloc[rng.integers(len(places), size=away.sum())].reset_index(drop=True)
    elsewhere["Location"] = "On or near Simulated Street"
    elsewhere["Month"] = np.repeat(labels, away)
    extra = pd.concat([nowhere, elsewhere], ignore_index=True)
    extra["Crime type"] = rng.choice(truth.types[1:], size=len(extra))
    extra["Crime ID"] = _crime_ids(extra, seed, "extra")
    return _with_outcomes(truth, rng, extra)


def _repeated_ids(truth: Truth, rng: np.random.Generator, records: pd.DataFrame) -> pd.DataFrame:
    """Some crimes a second time, at the same place, most with another outcome."""
    wanted = round(truth.fields["quirks"]["repeated_ids_a_month"] * len(truth.months))
    crimes = np.flatnonzero(records["Crime ID"] != "")
    again: pd.DataFrame = records.iloc[rng.choice(crimes, size=wanted, replace=False)].copy()
    changed = rng.random(wanted) < 0.8
    again.loc[changed, "Last outcome category"] = "Under investigation"
    return again


def _as_files(rows: pd.DataFrame) -> pd.DataFrame:
    """Order rows and columns as the files have them: anti-social behaviour first, then by Crime ID."""
    order = ["Month", "Crime ID", "LSOA code", "Longitude", "Latitude", "Last outcome category"]
    ordered: pd.DataFrame = rows[COLUMNS].sort_values(order, ignore_index=True)
    return ordered


def _check_free(out: Path) -> None:
    if out.is_dir() and any(out.iterdir()) and not is_simulated(out):
        raise UsageError(f"{out} holds files that are not a simulated archive: choose a new or an empty folder")
    if out.is_file():
        raise UsageError(f"{out} is a file: choose a new or an empty folder")


def _write_months(out: Path, truth: Truth, records: pd.DataFrame, span: Span, progress: Progress | None) -> int:
    by_month = {str(month): rows for month, rows in records.groupby("Month")}
    written = 0
    for done, month in enumerate(span.months, start=1):
        rows = by_month[str(month)]
        _write_csv(rows, out / str(month) / f"{month}-{truth.fields['force']}-street.csv")
        written += len(rows)
        if progress:
            progress("simulating", done, len(span.months))
    return written


def _write_csv(rows: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(csv_bytes(rows))


def _mark(truth: Truth, seed: int, span: Span) -> str:
    lines = [
        "# Every record in this folder is simulated. It must not be mixed with real records.",
        "simulated = true",
        f"seed = {seed}",
        f"version = {truth.fields['version']}",
        f'first = "{span.first}"',
        f'last = "{span.last}"',
    ]
    for item in planted(truth):
        lines += [
            "",
            "[[planted]]",
            f'key = "{item.key}"',
            f'direction = "{item.direction}"',
            f'about = "{item.about}"',
        ]
        lines += [f"annual_percent = {item.annual_percent:.1f}"] if item.annual_percent == item.annual_percent else []
    return "\n".join(lines) + "\n"
