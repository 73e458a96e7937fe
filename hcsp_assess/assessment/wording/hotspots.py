"""Sentences about hotspots: how many, of what, whether they persist and moved, and what open data cannot carry."""

import pandas as pd

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.places.concentration import Persistence
from hcsp_assess.places.history import CLASSES, LEAST_PERIODS, HotspotHistory
from hcsp_assess.places.hotspots import Hotspots
from hcsp_assess.places.two_periods import Changes
from hcsp_assess.sources.anonymised import MONTH_ONLY, SNAPPED


def describe_hotspots(hotspots: Hotspots, labels: pd.Series, measure: str, *, measures: int) -> Finding:
    """Say how many small areas are hotspots, and how many were tested.

    Parameters
    ----------
    labels : pandas.Series of str
        Names of all small areas by code.
    measure : str
        The one whose hotspots are named: recorded crime.
    measures : int
        How many were looked at.
    """
    crime, any_of = hotspots.flagged(measure), hotspots.flagged().index.get_level_values("place").nunique()
    named = ", ".join(str(labels[code]) for code in crime.index.get_level_values("place"))
    sentence = f"{len(crime)} of {len(labels)} small areas are hotspots of recorded crime" + (
        f": {named}." if named else "."
    )
    sentence += f" Of the {measures} measures looked at, {any_of} areas are a hotspot of at least one."
    evidence = {
        "crime": len(crime),
        "any": any_of,
        "places": len(labels),
        "measures": measures,
        "tests": hotspots.tests,
    }
    certainty = (
        f"{hotspots.tests:,} tests were made, and false discoveries are held to 5% of what is flagged. "
        f"Method: {hotspots.method}."
    )
    caveat = "A hotspot is high for its residents. A town centre may be one for its visitors and shops."
    return Finding("hotspots", sentence, evidence, certainty, (caveat,))


def describe_persistence(result: Persistence, first: int, last: int, *, months: int) -> Finding:
    """Say whether the busiest places of a year are those of another, from the months that both have."""
    size, kept = len(result.busiest_after), len(result.both)
    persist = "hardly persist" if kept <= 2 * result.expected_by_chance else "persist"
    sentence = (
        f"The busiest places {persist}: {kept} of the {size} busiest small areas of {first} were among the {size} "
        f"busiest of {last}; by chance it would be {result.expected_by_chance:.0f}."
    )
    evidence = {"both": kept, "busiest": size, "expected": result.expected_by_chance, "years": [first, last],
                "rank_correlation": result.rank_correlation}  # fmt: skip
    certainty = f"The {months} months published in both years. Method: {result.method}, {result.rank_correlation:.2f}."
    return Finding("hotspots_persistence", sentence, evidence, certainty)


def describe_moved(change: Changes, labels: pd.Series, *, months: int) -> Finding:
    """Say in which small areas recorded crime rose or fell more than elsewhere."""
    table = change.table
    moved = {word: table.index[table["change"] == f"{word} more than elsewhere"] for word in ("rose", "fell")}
    said = [
        f"{len(codes)} {word} more than elsewhere ({', '.join(str(labels[code]) for code in codes)})"
        for word, codes in moved.items()
        if len(codes)
    ]
    sentence = f"Against the same {months} months a year earlier, of {change.tests} small areas compared "
    sentence += f"{' and '.join(said)}." if said else "none rose or fell more than elsewhere by more than chance."
    evidence = {"months": months, "tests": change.tests} | {word: len(codes) for word, codes in moved.items()}
    return Finding("hotspots_changes", sentence, evidence, f"Method: {change.method}.")


def describe_history(history: HotspotHistory) -> Finding:
    """Say how many hotspots are persistent, emerging, fading or sporadic."""
    counts = history.table["class"].value_counts()
    sizes: dict[str, int] = {name: int(counts.get(name, 0)) for name in CLASSES if name != "never"}
    said = ", ".join(f"{size} {name}" for name, size in sizes.items())
    sentence = f"Hotspots of recorded crime over {len(history.periods)} years: {said}."
    return Finding("hotspots_history", sentence, sizes, f"Method: {history.method}.")


def describe_no_history(years: int, least_months: int) -> Finding:
    """Say why hotspots cannot be classed over time."""
    sentence = (
        f"Hotspots cannot be classed as persistent, emerging or fading: {years} calendar years have "
        f"{least_months} or more published months, and it takes {LEAST_PERIODS}."
    )
    return Finding("hotspots_history", sentence, {"years": years, "needed": LEAST_PERIODS})


def describe_refused() -> Findings:
    """Say what open records cannot carry, and why it is not shown."""
    need = "It takes a force extract with true points"
    refused = {
        "density": f"No density map (kernel density): {SNAPPED}. {need}.",
        "near_repeats": (
            f"No near-repeat analysis: it needs to know which crimes were near one another in place and time, but "
            f"{SNAPPED}, and {MONTH_ONLY}. {need} and days."
        ),
        "times": f"No day of the week or time of day: {MONTH_ONLY}. {need} and times.",
    }
    how = "With such an extract: hcsp-assess points (docs/methods-places.md)."
    return Findings(tuple(Finding(f"refused_{key}", text, {}, how) for key, text in refused.items()))
