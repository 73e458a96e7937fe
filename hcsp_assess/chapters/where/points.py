"""What a force extract with true points and times can carry: density, near repeats, hours of the week."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from hcsp_assess.files import csv_bytes, write_whole
from hcsp_assess.places.near_repeats import NearRepeats, test_near_repeats
from hcsp_assess.places.points import DensitySurface, estimate_density
from hcsp_assess.places.referrals import busiest_hours
from hcsp_assess.places.times import WeekHours, spread_over_hours
from hcsp_assess.report.charts import Chart, Heading, draw_chart
from hcsp_assess.report.maps import SEQUENTIAL
from hcsp_assess.report.svg_file import write_chart
from hcsp_assess.sources.point_extract import PointExtract


@dataclass(frozen=True)
class PointFindings:
    """What was found in a force extract."""

    extract: PointExtract
    density: DensitySurface
    repeats: NearRepeats
    hours: WeekHours


def examine_points(extract: PointExtract, *, bandwidth_m: float = 300.0, permutations: int = 999) -> PointFindings:
    """Estimate density, test for near repeats, and spread records over the hours of the week.

    Parameters
    ----------
    extract : PointExtract
        Of one crime type: mixed types hide what each does.
    bandwidth_m : float
        Of the density.
    permutations : int
        Of the near-repeat test.
    """
    table = extract.table
    east, north = table["easting"], table["northing"]
    cell = max(100.0, float(max(np.ptp(east), np.ptp(north)) + 2 * bandwidth_m) / 1_500)
    return PointFindings(
        extract,
        estimate_density(east, north, precision="true", bandwidth_m=bandwidth_m, cell_m=cell),
        test_near_repeats(east, north, table["first"], precision="true", permutations=permutations),
        spread_over_hours(table["first"], table["last"]),
    )


def say_points(found: PointFindings) -> tuple[str, ...]:
    """Say what became of the rows, where density is highest, whether crimes repeat nearby, and when they happen."""
    extract, density, repeats = found.extract, found.density, found.repeats
    aside = ", ".join(f"{count:,} {reason}" for reason, count in extract.set_aside.items() if count) or "none"
    peak = np.unravel_index(int(density.per_km2.argmax()), density.per_km2.shape)
    east, north = density.eastings[peak[1]], density.northings[peak[0]]
    ratio, p_value = repeats.ratio.iloc[:-1, 0], repeats.p_value.iloc[:-1, 0]
    near = "; ".join(
        f"{_band(str(band))} m: {ratio[band]:.1f} times as many pairs as by chance (p {p_value[band]:.3f})"
        for band in ratio.index
        if np.isfinite(ratio[band])
    )
    return (
        f"Rows: {extract.rows_in:,} in, {len(extract.table):,} kept; set aside: {aside}.",
        f"Density is highest at {east:,.0f} E, {north:,.0f} N ({density.per_km2.max():,.0f} records per square "
        f"kilometre; {density.method}). A bandwidth is a choice: try two.",
        f"{_band(str(repeats.ratio.columns[0]))} days apart: {near or 'no pairs that near'}. {repeats.method}.",
        f"Busiest hours of the week: {busiest_hours(found.hours)}. {found.hours.placed:,} of {found.hours.records:,} "
        f"records placed. {found.hours.method}.",
    )


def _band(name: str) -> str:
    """Say a band such as "[1, 101)" in words: "1 to under 101"."""
    return name.strip("[)").replace(", ", " to under ")


def chart_density(found: PointFindings, source: str) -> Chart:
    """Draw the density as filled contours; the table under it has the ten highest cells."""
    surface = found.density
    top = float(surface.per_km2.max())
    levels = [top * share for share in (0.1, 0.25, 0.5, 0.75, 1.0)]

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.add_subplot()
        east, north = surface.eastings / 1000, surface.northings / 1000
        drawn = axes.contourf(east, north, surface.per_km2, levels=levels, colors=list(SEQUENTIAL[:-1]))
        bar = figure.colorbar(drawn, ax=axes, format="{x:,.0f}", location="bottom" if narrow else "right")
        bar.set_label("Records per square km")
        axes.set(xlabel="Kilometres east on the National Grid", ylabel="Kilometres north")
        axes.set_aspect("equal")

    order = np.argsort(-surface.per_km2, axis=None, kind="stable")[:10]
    rows, columns = np.unravel_index(order, surface.per_km2.shape)
    data = pd.DataFrame(
        {
            "Cell": [f"{number}" for number in range(1, len(order) + 1)],
            "Easting": surface.eastings[columns].round().astype(int),
            "Northing": surface.northings[rows].round().astype(int),
            "Records per square km": surface.per_km2[rows, columns].round(1),
        }
    )
    title = f"Density is highest at {data['Easting'][0]:,} E, {data['Northing'][0]:,} N"
    return draw_chart(
        draw,
        Heading(
            key="density",
            title=title,
            subtitle=f"{surface.records:,} records, {surface.method}; below a tenth of the highest is left blank",
            source=source,
        ),
        alt=f"Density map. {title}, with {top:,.0f} records per square kilometre.",
        data=data,
        height=4.6,
        narrow_height=4.6,
    )


def write_points(found: PointFindings, folder: Path, source: str) -> tuple[Path, ...]:
    """Write density (SVG, CSV), near repeats and hours (CSV) into a folder.

    True points can tell whose home it is: these files are for the partnership and not for publication.
    """
    repeats = pd.concat(
        {"observed": found.repeats.observed, "expected": found.repeats.expected, "ratio": found.repeats.ratio,
         "p_value": found.repeats.p_value}, names=["figure", "metres"]
    )  # fmt: skip
    tables = {"near_repeats.csv": repeats, "hours_of_the_week.csv": found.hours.hours.rename_axis("day")}
    for name, table in tables.items():
        write_whole(folder / name, csv_bytes(table, index=True))
    density = write_chart(chart_density(found, source), folder / "density.svg")
    return (*density, *(folder / name for name in tables))
