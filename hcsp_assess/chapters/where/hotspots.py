"""The chapter on where, continued: hotspots, whether they last, and the list for multi-agency tasking."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.wording.hotspots import (
    CLASS_WORDS,
    KIND_WORDS,
    describe_history,
    describe_hotspots,
    describe_moved,
    describe_no_past,
    describe_persistence,
)
from hcsp_assess.chapters.shared.headings import heading_of
from hcsp_assess.edition.hotspots import Found
from hcsp_assess.places.concentration import measure_persistence
from hcsp_assess.places.history import CLASSES
from hcsp_assess.places.referrals import list_referrals
from hcsp_assess.report.charts import Chart
from hcsp_assess.report.maps import chart_map, class_by_kind
from hcsp_assess.report.tables import Table
from hcsp_assess.subject.crime_types import RECORDED_CRIME, series

SHOWN = ("none", "cluster", "peak", "peak in a cluster")


def say_hotspots(found: Found) -> Finding:
    """Say which small areas are hotspots."""
    where, measure = found.where, series(RECORDED_CRIME).label
    said = describe_hotspots(found.hotspots, where.short_labels, measure)
    return said.marked(simulated=where.opened.simulated)


def map_hotspots(found: Found) -> Chart:
    """Map the hotspots of recorded crime; the table under it has every hotspot of every measure."""
    where, label = found.where, series(RECORDED_CRIME).label
    kinds = found.hotspots.table["kind"].xs(label, level="measure").reindex(where.people.index)
    flagged = found.hotspots.flagged(label).droplevel("measure")
    hot = "is a hotspot" if len(flagged) == 1 else "are hotspots"
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
            f"{len(flagged)} of {len(kinds)} small areas {hot} of recorded crime",
            f"More recorded crime than luck could explain, {where.opened.area.name}, {where.period}",
        ),
        what="Kind of hotspot",
        alt=alt,
        data=_hotspot_frame(found),
    )


def table_kinds(found: Found) -> Table:
    """Say what each kind of hotspot means, with how many small areas are of it."""
    kinds = found.hotspots.table["kind"].xs(series(RECORDED_CRIME).label, level="measure").value_counts()
    rows = [(name, int(kinds.get(kind, 0)), meaning) for kind, (name, meaning) in KIND_WORDS.items()]
    frame = pd.DataFrame(rows, columns=["Kind", "Places", "What it means"])
    caption = f"Kinds of hotspot of recorded crime, {found.where.opened.area.name}, {found.where.period}"
    return Table(frame, caption, "hotspot-kinds", simulated=found.where.opened.simulated)


def findings_time(found: Found) -> Findings:
    """Say whether the busiest areas are those of the past, where crime moved, and which hotspots last."""
    simulated = found.where.opened.simulated
    all_of = [item for item in (_say_persistence(found), _say_changes(found), _say_history(found)) if item is not None]
    return Findings(tuple(item.marked(simulated=simulated) for item in all_of or [describe_no_past()]))


def table_history(found: Found) -> Table | Findings:
    """Show every area that was a hotspot in one of the years; nothing where there is none, or too few years."""
    where = found.where
    if found.history is None or found.history.table["class"].eq("never").all():
        return Findings(())
    table = found.history.table[found.history.table["class"] != "never"]
    order = {name: number for number, name in enumerate(CLASSES)}
    table = table.sort_values("class", key=lambda names: names.map(order), kind="stable")
    frame = pd.DataFrame(
        {
            "Place": where.labels[table.index].to_numpy(),
            "Over the years": [CLASS_WORDS[name][0] for name in table["class"]],
            "Years a hotspot": table["periods_hot"].astype("Int64").to_numpy(),
            "Last": table["last_hot"].to_numpy(),
            "What that means": [CLASS_WORDS[name][1] for name in table["class"]],
        }
    )
    caption = f"Hotspots of recorded crime in {', '.join(found.history.periods)}, {where.opened.area.name}"
    return Table(frame, caption, "hotspot-history", simulated=where.opened.simulated)


def list_found(found: Found) -> pd.DataFrame:
    """List the hotspots for multi-agency tasking; see `places.referrals.list_referrals` for the columns."""
    names = {str(code): str(label) for code, label in found.where.labels.items()}
    return list_referrals(found.hotspots, names, changes=found.changes, history=found.history)


def table_referrals(found: Found) -> Table | Findings:
    """List the hotspots for multi-agency tasking, largest excess first; nothing where there are none."""
    listed = list_found(found)
    if listed.empty:
        return Findings(())
    frame = pd.DataFrame(
        {
            "Place": listed["place"],
            "Small area": listed["place_code"].map(found.where.geography.table["name"]),
            "Hotspot of": [", ".join(found.measures_of(code)) for code in listed["place_code"]],
            "Records": listed["records"].astype("Int64"),
            "More than expected": listed["beyond_expected"].astype("Int64"),
            "Times expected": listed["times_expected"].astype(float),
            "How sure": ["very sure" if word == "high" else "fairly sure" for word in listed["certainty"]],
            "Change on the year before": listed["trend"].str.replace(
                "no clear difference from elsewhere", "as elsewhere"
            ),
            "Over the years": [CLASS_WORDS[name][0] if name in CLASS_WORDS else name for name in listed["history"]],
        }
    )
    note = (
        "Records are of the largest kind in which the place is a hotspot. Expected is what its number of residents "
        "would give. The list is no ranking of danger."
    )
    caption = f"Hotspots for multi-agency tasking, {found.where.opened.area.name}, {found.where.period}"
    return Table(frame, caption, "hotspot-referrals", (note,), found.where.opened.simulated)


def _hotspot_frame(found: Found) -> pd.DataFrame:
    flagged = found.hotspots.flagged()
    codes, measures = (flagged.index.get_level_values(level) for level in ("place", "measure"))
    if flagged.empty:
        return pd.DataFrame({"Place": ["none"], "Hotspot of": ["none of the measures"]})
    best = flagged[["q_cluster", "q_peak"]].min(axis=1)
    return pd.DataFrame(
        {
            "Place": [str(found.where.labels[code]) for code in codes],
            "Hotspot of": list(measures),
            "Kind": [KIND_WORDS[kind][0] for kind in flagged["kind"]],
            "Records": flagged["count"].astype("Int64").to_numpy(),
            "Expected": flagged["expected"].to_numpy(),
            "Times expected": flagged["ratio"].to_numpy(),
            "Adjusted p": [f"{value:.4f}" if value >= 0.0001 else "below 0.0001" for value in best],
        }
    )


def _say_persistence(found: Found) -> Finding | None:
    where = found.where
    end = where.opened.edition.span.last.year
    earlier = [year for year in found.years if year < end]
    if not earlier or end not in found.years:
        return None
    crime = where.monthly[series(RECORDED_CRIME).label].dropna()
    years, months = pd.PeriodIndex(crime.index).year, pd.PeriodIndex(crime.index).month
    both = sorted(set(months[years == earlier[0]]) & set(months[years == end]))
    sums = [crime[(years == year) & months.isin(both)].sum() for year in (earlier[0], end)]
    return describe_persistence(measure_persistence(*sums), earlier[0], end, months=len(both))


def _say_changes(found: Found) -> Finding | None:
    change = found.changes.get(series(RECORDED_CRIME).label)
    return None if change is None else describe_moved(change, found.where.short_labels, months=found.compared)


def _say_history(found: Found) -> Finding | None:
    return None if found.history is None else describe_history(found.history, found.where.short_labels)
