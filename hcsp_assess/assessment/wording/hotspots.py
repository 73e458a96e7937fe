"""Sentences about hotspots: which and of what, whether they last, and what these records do not show."""

from collections.abc import Sequence

import pandas as pd

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.words import listed
from hcsp_assess.places.concentration import Persistence
from hcsp_assess.places.history import HotspotHistory
from hcsp_assess.places.hotspots import Hotspots
from hcsp_assess.places.two_periods import Changes
from hcsp_assess.subject.place_names import place_in_text

#: What a class of hotspot over the years is called, and means.
CLASS_WORDS = {
    "persistent": ("lasting", "a hotspot in the last year and in nearly every year looked at"),
    "emerging": ("new or growing", "a hotspot in the last year, and more often lately than before"),
    "fading": ("fading", "no longer a hotspot, after having been one for much of the time"),
    "sporadic": ("occasional", "a hotspot now and then"),
    "never": ("not a hotspot", "not a hotspot of recorded crime in any year looked at"),
}
#: What a kind of hotspot is called, and means.
KIND_WORDS = {
    "peak": ("a place that stands out", "more crime than the usual differences between places explain"),
    "cluster": ("a group of places", "a high rate, and so have the places round it"),
    "peak in a cluster": ("both", "it stands out, and the places round it have high rates too"),
}


def describe_hotspots(hotspots: Hotspots, labels: pd.Series, measure: str) -> Finding:
    """Say which small areas are hotspots of recorded crime, and which of one kind of it only.

    Parameters
    ----------
    labels : pandas.Series of str
        Names of all small areas by code.
    measure : str
        The one whose hotspots are named first: recorded crime.
    """
    crime = list(dict.fromkeys(hotspots.flagged(measure).index.get_level_values("place")))
    every = dict.fromkeys(hotspots.flagged().index.get_level_values("place"))
    others = [code for code in every if code not in crime]
    evidence = {"crime": len(crime), "others": len(others), "places": len(labels), "tests": hotspots.tests}
    message = "No place had clearly more recorded crime than its number of residents would explain."
    if crime:
        places = "One place" if len(crime) == 1 else f"{len(crime)} places"
        had = f"{places} had more recorded crime than luck could explain"
        message = f"{had}: {name_some([str(labels[code]) for code in crime])}."
    sentence = message
    if others:
        more = "One more" if len(others) == 1 else f"{len(others)} more"
        verb = "is a hotspot" if len(others) == 1 else "are hotspots"
        sentence += f" {more} {verb} for some kinds of crime only: "
        sentence += f"{name_some([str(labels[code]) for code in others])}."
    caveat = "The number of residents is allowed for, the number of visitors is not."
    method = f"{hotspots.tests:,} tests; false discoveries are held to 5% of what is flagged. {hotspots.method}."
    return Finding("hotspots", sentence, evidence, caveat, message=message, method=method)


def describe_persistence(result: Persistence, first: int, last: int, *, months: int) -> Finding:
    """Say whether the busiest places of a year are those of another, from the months that both have."""
    size, kept = len(result.busiest_after), len(result.both)
    stay = "Busy places change" if kept <= 2 * result.expected_by_chance else "Busy places stay busy"
    both = "all" if kept == size else f"{kept}"
    sentence = (
        f"{stay}: {both} of the {size} busiest small areas of {first} were among the {size} busiest in {last}. "
        f"Luck alone would give {result.expected_by_chance:.0f}."
    )
    evidence = {"both": kept, "busiest": size, "expected": result.expected_by_chance, "years": [first, last],
                "rank_correlation": result.rank_correlation}  # fmt: skip
    certainty = f"Compared over the {months} months of each year that we hold for both."
    method = f"{result.method}, {result.rank_correlation:.2f}."
    return Finding("hotspots_persistence", sentence, evidence, certainty, method=method)


def describe_moved(change: Changes, labels: pd.Series, *, months: Sequence[str]) -> Finding:
    """Say in which small areas recorded crime rose or fell more than elsewhere.

    Parameters
    ----------
    months : sequence of str
        The months of the year assessed that are compared with the year before, as "2025-01".
    """
    table = change.table
    moved = {word: table.index[table["change"] == f"{word} more than elsewhere"] for word in ("rose", "fell")}
    said = [
        f"{word} more than elsewhere in {name_some([str(labels[code]) for code in codes])}"
        for word, codes in moved.items()
        if len(codes)
    ]
    when = _say_span(months)
    sentence = (
        f"In {when}, recorded crime {' and '.join(said)}, compared with a year earlier."
        if said
        else f"In {when}, no small area moved clearly more than the rest of the area, compared with a year earlier."
    )
    evidence = {"months": len(months), "tests": change.tests} | {word: len(codes) for word, codes in moved.items()}
    return Finding("hotspots_changes", sentence, evidence, method=f"{change.method}.")


def _say_span(months: Sequence[str]) -> str:
    """The months compared, in words: "January to April 2025"."""
    spans = pd.PeriodIndex(list(months), freq="M")
    first, last = spans.min(), spans.max()
    if len(spans) == 1:
        return str(first.strftime("%B %Y"))
    begin = first.strftime("%B" if first.year == last.year else "%B %Y")
    whole = len(spans) == (last - first).n + 1
    return f"{'' if whole else f'{len(spans)} months of '}{begin} to {last.strftime('%B %Y')}"


def describe_history(history: HotspotHistory, labels: pd.Series) -> Finding:
    """Say which hotspots of recorded crime last, which are new, and how many have faded."""
    table = history.table
    named = {kind: [str(labels[code]) for code in table.index[table["class"] == kind]] for kind in CLASS_WORDS}
    sizes = {kind: len(named[kind]) for kind in CLASS_WORDS if kind != "never"}
    parts = []
    if named["persistent"]:
        parts.append(f"Lasting hotspots of recorded crime: {name_some(named['persistent'])}.")
    if named["emerging"]:
        parts.append(f"New or growing: {name_some(named['emerging'])}.")
    gone, times = sizes["fading"], sizes["sporadic"]
    if gone:
        parts.append(f"{_others(gone)} faded.")
    if times:
        parts.append(f"{_others(times)} been one now and then.")
    sentence = " ".join(parts) or "No place was a hotspot of recorded crime in any of the years looked at."
    certainty = f"Years looked at: {listed(list(history.periods))}."
    evidence = sizes | {"years": [int(year) for year in history.periods]}
    return Finding("hotspots_history", sentence, evidence, certainty, method=f"{history.method}.")


def _others(number: int) -> str:
    return "One other place has" if number == 1 else f"{number} other places have"


def name_some(names: Sequence[str], most: int = 3) -> str:
    """Names of places as a list; where there are many, the first of them and how many more.

    Examples
    --------
    >>> name_some(["A", "B", "C"], 3), name_some(["A", "B", "C", "D"], 3)
    ('A, B and C', 'A, B and 2 more')
    """
    named = [place_in_text(name) for name in names]
    return listed(named if len(named) <= most else [*named[: most - 1], f"{len(named) - most + 1} more"])


def describe_no_past() -> Finding:
    """Say that there are too few years of records to say whether hotspots last."""
    return Finding("hotspots_past", "With more years of records, this chapter will say which hotspots last.")


def describe_elsewhere(area: str, chapter: str) -> Finding:
    """Lead to the chapter that compares the area with others and weighs harm; `chapter` is its anchor."""
    sentence = f"How {area} compares with similar areas, and which crimes do most harm, is in “How the area compares”."
    return Finding("where_elsewhere", sentence, links={"chart": f"#{chapter}"})


def where_gaps(
    force: str, *, records: bool, log: bool, simulated: bool, harm: bool
) -> tuple[tuple[str, str, str], ...]:
    """What the records by place do not show: subject, why not, and who holds it.

    Parameters
    ----------
    force : str
        Name of the police force.
    records : bool
        Whether the edition has records by place at all.
    log, harm : bool
        Whether a log of actions at hotspots was read, and whether harm is shown somewhere.
    simulated : bool
        Whether the records are simulated: no action can be judged by them.
    """
    if not records:
        return (("Crime by ward and place", "This edition uses official totals for the whole area", f"{force} Police"),)
    gaps = [
        (
            "Exact places, days and times of crimes",
            "Published police records give the month and an approximate place",
            f"{force} Police",
        )
    ]
    if not log:
        why = "The records are simulated" if simulated else "We hold no log of what was agreed"
        gaps.append(("What was done at hotspots, and what followed", why, "The tasking group"))
    if not harm:
        why = "The crime types of the time have no harm weights"
        gaps.append(("Harm by type of crime", why, "Office for National Statistics"))
    return tuple(gaps)
