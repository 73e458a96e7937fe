"""The chapter on where, continued: hotspots, how they changed, what to refer, what open data cannot carry."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.hotspots import (
    describe_history,
    describe_hotspots,
    describe_moved,
    describe_no_history,
    describe_persistence,
    describe_refused,
)
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.places import EditionPlaces
from hcsp_assess.places.concentration import measure_persistence
from hcsp_assess.places.history import CLASSES, LEAST_PERIODS, HotspotHistory, classify_hotspots
from hcsp_assess.places.hotspots import KINDS, Hotspots, find_hotspots, find_neighbours
from hcsp_assess.places.referrals import list_referrals
from hcsp_assess.places.two_periods import Changes, compare_periods
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.maps import chart_map, class_by_kind
from hcsp_assess.report.tables import Table
from hcsp_assess.sources.anonymised import MONTH_ONLY
from hcsp_assess.subject.crime_types import RECORDED_CRIME, series

LEAST_MONTHS = 9  # published months that a calendar year needs to count as a period of its history
SHOWN = ("none", "cluster", "peak", "peak in a cluster")
HOT = SHOWN[1:]


@dataclass(frozen=True)
class Found:
    """The hotspots of an edition, with what is known of their past.

    Attributes
    ----------
    neighbours : mapping of str to tuple of str
        Codes of each small area's neighbours.
    hotspots : Hotspots
        Of every measure of the year assessed, looked at together.
    changes : mapping of str to Changes
        By measure: against the same months a year earlier; empty where those are not held.
    compared : tuple of str
        The months compared, as "2025-01".
    history : HotspotHistory or None
        Of recorded crime by calendar year; None where too few years have data.
    years : tuple of int
        Calendar years with enough published months.
    """

    where: EditionPlaces
    neighbours: Mapping[str, tuple[str, ...]]
    hotspots: Hotspots
    changes: Mapping[str, Changes]
    compared: tuple[str, ...]
    history: HotspotHistory | None
    years: tuple[int, ...]


def find_all(where: EditionPlaces) -> Found:
    """Find the hotspots of the year assessed, their changes on the year before, and their history if there is one."""
    neighbours = find_neighbours(where.geography.boundaries())
    found = find_hotspots(where.counts, where.people, neighbours)
    crime = where.monthly[series(RECORDED_CRIME).label].dropna()
    months = pd.PeriodIndex(crime.index)
    after = [month for month in months if month in where.opened.edition.span.months and month - 12 in months]
    before = [month - 12 for month in after]
    changes = {}
    if after:
        for name in _compared(where, [*after, *before]):
            monthly = where.monthly[name]
            changes[name] = compare_periods(monthly.loc[before].sum(), monthly.loc[after].sum())
    published = pd.Series(months.year).value_counts()
    years = tuple(sorted(int(year) for year in published.index[published >= LEAST_MONTHS]))
    history = None
    if len(years) >= LEAST_PERIODS:
        yearly = {str(year): crime[months.year == year].sum() for year in years}
        flags = {year: find_hotspots(counts, where.people, neighbours).table for year, counts in yearly.items()}
        hot = {year: table.droplevel("measure")["kind"].isin(HOT) for year, table in flags.items()}
        history = classify_hotspots(pd.DataFrame(hot))
    return Found(where, neighbours, found, changes, tuple(map(str, after)), history, years)


def say_hotspots(found: Found) -> Finding:
    """Say how many small areas are hotspots, and how many were tested."""
    where, measure = found.where, series(RECORDED_CRIME).label
    said = describe_hotspots(found.hotspots, where.labels, measure, measures=len(where.counts.columns))
    return said.marked(simulated=where.opened.simulated)


def map_hotspots(found: Found) -> Chart:
    """Map the hotspots of recorded crime; the table under it has every hotspot of every measure."""
    where, label = found.where, series(RECORDED_CRIME).label
    kinds = found.hotspots.table["kind"].xs(label, level="measure").reindex(where.people.index)
    flagged = found.hotspots.flagged(label).droplevel("measure")
    ordered = flagged["shrunk_ratio"] if len(flagged) else pd.Series(dtype=float)
    said = "; ".join(f"{where.labels[str(code)]}, {ratio:.1f} times expected" for code, ratio in ordered.items())
    lowest = str(found.hotspots.table["shrunk_ratio"].xs(label, level="measure").fillna(0).idxmin())
    alt = f"Hotspots, highest first: {said or 'none'}. Lowest for its residents: {where.labels[lowest]}."
    return chart_map(
        where.geography,
        class_by_kind(kinds, SHOWN, few="too few"),
        heading_of(
            where.opened,
            "map-hotspots",
            f"{len(flagged)} of {len(kinds)} small areas are hotspots of recorded crime",
            f"After control over {found.hotspots.tests:,} tests, {where.opened.area.name}, {where.period}",
        ),
        what="Kind of hotspot",
        alt=alt,
        data=_hotspot_frame(found),
    )


def table_kinds(found: Found) -> Table:
    """Say what each kind of hotspot means, with how many small areas are of it."""
    kinds = found.hotspots.table["kind"].xs(series(RECORDED_CRIME).label, level="measure").value_counts()
    frame = pd.DataFrame(
        {
            "Kind": list(KINDS),
            "LSOAs": pd.array([int(kinds.get(kind, 0)) for kind in KINDS], "Int64"),
            "What it means": list(KINDS.values()),
        }
    )
    caption = f"Kinds of hotspot of recorded crime and what they mean, {found.where.period}"
    folded = "What makes a small area a hotspot, in words and formally"
    return Table(frame, caption, "hotspot-kinds", simulated=found.where.opened.simulated, folded=folded)


def findings_time(found: Found) -> Findings:
    """Say whether the busiest areas are those of the past, where crime moved, and whether hotspots can be classed."""
    simulated = found.where.opened.simulated
    all_of = (_say_persistence(found), _say_changes(found), _say_history(found))
    return Findings(tuple(item.marked(simulated=simulated) for item in all_of))


def table_history(found: Found) -> Table:
    """Show the classes of hotspots over time: every area that was one, or what each class needs."""
    where = found.where
    if found.history is None:
        frame = pd.DataFrame({"Class": list(CLASSES), "What it means": list(CLASSES.values())})
        folded = "Classes of hotspots over time, for when there is a history"
        caption = "Classes of hotspots over time: none can be given yet"
    else:
        table = found.history.table[found.history.table["class"] != "never"]
        order = {name: number for number, name in enumerate(CLASSES)}
        table = table.sort_values("class", key=lambda names: names.map(order), kind="stable")
        frame = pd.DataFrame(
            {
                "LSOA": where.labels[table.index].to_numpy(),
                "Class": table["class"].to_numpy(),
                "Years a hotspot": table["periods_hot"].astype("Int64").to_numpy(),
                "Last": table["last_hot"].to_numpy(),
                "What the class means": table["class"].map(CLASSES).to_numpy(),
            }
        )
        folded = f"Hotspots over time: the {len(frame)} areas that were one"
        caption = f"Hotspots of recorded crime over the years {', '.join(found.history.periods)}"
    return Table(frame, caption, "hotspot-history", simulated=where.opened.simulated, folded=folded)


def list_found(found: Found) -> pd.DataFrame:
    """List the hotspots for multi-agency tasking; see `places.referrals.list_referrals` for the columns."""
    names = {str(code): str(label) for code, label in found.where.labels.items()}
    return list_referrals(found.hotspots, names, changes=found.changes, history=found.history)


def table_referrals(found: Found) -> Table:
    """List the hotspots for multi-agency tasking, largest excess first."""
    listed = list_found(found)
    frame = pd.DataFrame(
        {
            "Place": listed["place"],
            "Hotspot of": listed["crime_types"],
            "Records": listed["records"].astype("Int64"),
            "Beyond expected": listed["beyond_expected"].astype("Int64"),
            "Times expected": listed["times_expected"].astype(float),
            "Certainty": listed["certainty"],
            "Change on the year before": listed["trend"],
            "Over the years": listed["history"],
        }
    )
    notes = (
        "Largest excess first: where most could be gained, not a ranking of danger. Records and excess are of the "
        "largest measure in which the place is a hotspot; expected is what its residents would lead one to expect.",
        f"Day and time of day: not known, since {MONTH_ONLY}.",
    )
    caption = f"Hotspots to refer to multi-agency tasking, {found.where.opened.area.name}, {found.where.period}"
    return Table(frame, caption, "hotspot-referrals", notes, found.where.opened.simulated)


def findings_refused() -> Findings:
    """Say what these records cannot carry, and why it is not shown."""
    return describe_refused()


def _hotspot_frame(found: Found) -> pd.DataFrame:
    flagged = found.hotspots.flagged()
    codes, measures = (flagged.index.get_level_values(level) for level in ("place", "measure"))
    if flagged.empty:
        return pd.DataFrame({"LSOA": ["none"], "Hotspot of": ["none of the measures"]})
    best = flagged[["q_cluster", "q_peak"]].min(axis=1)
    return pd.DataFrame(
        {
            "LSOA": [str(found.where.labels[code]) for code in codes],
            "Hotspot of": list(measures),
            "Kind": flagged["kind"].to_numpy(),
            "Records": flagged["count"].astype("Int64").to_numpy(),
            "Expected": flagged["expected"].to_numpy(),
            "Times expected": flagged["ratio"].to_numpy(),
            "Adjusted p": [f"{value:.4f}" if value >= 0.0001 else "below 0.0001" for value in best],
        }
    )


def _say_persistence(found: Found) -> Finding:
    where = found.where
    end = where.opened.edition.span.last.year
    earlier = [year for year in found.years if year < end]
    if not earlier or end not in found.years:
        return absent("hotspots_persistence")
    crime = where.monthly[series(RECORDED_CRIME).label].dropna()
    years, months = pd.PeriodIndex(crime.index).year, pd.PeriodIndex(crime.index).month
    both = sorted(set(months[years == earlier[0]]) & set(months[years == end]))
    sums = [crime[(years == year) & months.isin(both)].sum() for year in (earlier[0], end)]
    return describe_persistence(measure_persistence(*sums), earlier[0], end, months=len(both))


def _say_changes(found: Found) -> Finding:
    change = found.changes.get(series(RECORDED_CRIME).label)
    if change is None:
        return absent("hotspots_changes")
    return describe_moved(change, found.where.labels, months=len(found.compared))


def _say_history(found: Found) -> Finding:
    if found.history is None:
        return describe_no_history(len(found.years), LEAST_MONTHS)
    return describe_history(found.history)


def _compared(where: EditionPlaces, months: list[pd.Period]) -> list[str]:
    """Labels of the measures that have a comparable value in all of those months."""
    return [str(name) for name in where.counts if where.monthly[str(name)].loc[months].notna().to_numpy().all()]
