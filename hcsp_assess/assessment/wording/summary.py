"""Sentences of the summary: what is rising, falling, steady, concentrated, on target, recommended or missing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.performance import Performance
from hcsp_assess.assessment.reasons import Reason
from hcsp_assess.assessment.since_last import Recommendation
from hcsp_assess.assessment.summary import Summary, reading_level
from hcsp_assess.assessment.wording.words import listed, lower_first, quoted
from hcsp_assess.places.concentration import Concentration
from hcsp_assess.trends.count_series import MONTHS_NEEDED

if TYPE_CHECKING:
    import pandas as pd

READING_METHOD = "Flesch-Kincaid grade plus five"


@dataclass(frozen=True)
class Moving:
    """A series with its verdict, for the sentence that names what is rising or falling.

    Attributes
    ----------
    name : str
        As readers know it.
    finding : Finding
        Its verdict, with the direction.
    sure : bool
        Whether two methods agree.
    now, before : int
        The last 12 months and the 12 before, as far as we hold them.
    """

    name: str
    finding: Finding
    sure: bool
    now: int
    before: int


def say_moving(series: Sequence[Moving], word: str) -> Finding:
    """Say in plain words which series are rising or falling, and how sure that is.

    Parameters
    ----------
    word : str
        "rising" or "falling".

    Returns
    -------
    Finding
        Those confirmed first, each with its counts, then those that are only probable. Where the last 12 months went
        against the trend, that is said.
    """
    moving = [item for item in series if item.finding.direction == word]
    known = [item for item in series if item.finding.direction != "cannot tell"]
    evidence: dict[str, object] = {"series": len(series), "tested": len(known), word: len(moving)}
    key, simulated = f"summary_{word}", any(item.finding.simulated for item in series)
    if not known:
        text = f"We hold too few months to say what is {word}: it takes at least {MONTHS_NEEDED}."
        return Finding(key, text, evidence | {"months_needed": MONTHS_NEEDED}, simulated=simulated)
    if not moving:
        text = f"None of the {len(known)} series looked at is clearly {word}."
        return Finding(key, text, evidence, simulated=simulated)
    for number, item in enumerate(moving):
        evidence |= {f"now_{number}": item.now, f"before_{number}": item.before}
    groups = {
        f"We are sure that these are {word}": [item for item in moving if item.sure],
        f"These are probably {word}": [item for item in moving if not item.sure],
    }
    parts = [f"{start}: {'; '.join(_counts(item) for item in items)}." for start, items in groups.items() if items]
    certainty = "Figures are the last 12 months, and the 12 months before. Sure: two different methods agree."
    return Finding(key, " ".join(parts), evidence, certainty, simulated=simulated)


def say_steady(series: Sequence[Moving]) -> Finding:
    """Name the series that are steady, and say how many show no clear trend."""
    steady = [lower_first(item.name) for item in series if item.finding.direction == "stable"]
    unclear = sum(item.finding.direction == "no clear change" for item in series)
    evidence: dict[str, object] = {"stable": len(steady), "unclear": unclear, "within": 5}
    simulated = any(item.finding.simulated for item in series)
    parts = [f"Steady, within 5% a year: {'; '.join(steady)}."] if steady else []
    parts += [f"In {unclear} more the figures do not show a clear trend."] if unclear else []
    if not parts:
        parts = ["We hold too few months to say what is steady."]
    return Finding("summary_steady", " ".join(parts), evidence, simulated=simulated)


def describe_reading(summary: Summary) -> Finding:
    """Say how long the summary is and how easy to read."""
    level, left_out = reading_level(summary.text), len(summary.left_out)
    age = round(level.age)
    evidence = {"words": summary.words, "age": age, "grade": level.grade, "left_out": left_out}
    rest = f"{left_out} findings for which there was no room stand in the chapters." if left_out else ""
    sentence = f"This summary has {summary.words} words, with a reading age of about {age}."
    return Finding("summary_reading", sentence, evidence, f"Measure: {READING_METHOD}. {rest}".strip())


def describe_reason(reason: Reason) -> Finding:
    """Show a reviewed reason, without the figures it is about."""
    certainty = f"{reason.signed.words}. Support: {reason.support}."
    sentence = f"{reason.title}: {quoted(reason.text, reason.signed)}"
    return Finding(f"reason_{reason.key}", sentence, {}, certainty)


def describe_no_reasons() -> Finding:
    """Say that no change has a reviewed reason."""
    return Finding("reasons_none", "Nobody has given a reviewed reason for any change in this edition.")


def describe_concentrated(found: Concentration) -> Finding:
    """Say how much of recorded crime falls in the busiest small areas."""
    top = found.top.iloc[0]
    places, share, records = int(top["places"]), float(top["percent_of_records"]), int(top["records"])
    evidence = {"places": places, "of": found.places, "share": share, "records": records, "total": found.records}
    hold = f"hold {share:.0f}% of recorded crime ({records:,} of {found.records:,})"
    sentence = f"The {places} busiest of {found.places} small areas {hold}."
    return Finding(
        "where_concentrated", sentence, evidence, "Places with many visitors have more, whoever lives there."
    )


def describe_wards(by_ward: "pd.Series[int]", number: int) -> Finding:
    """Name the wards with most recorded crime; `by_ward` has the largest first."""
    top, total = by_ward.head(number), int(by_ward.sum())
    share = 100 * int(top.sum()) / total if total else 0.0
    evidence: dict[str, object] = {"wards": len(top), "of": len(by_ward), "share": share, "total": total}
    evidence |= {f"ward_{place}": int(count) for place, count in enumerate(top)}
    named = listed([f"{name} ({count:,})" for name, count in top.items()])
    sentence = (
        f"The {len(top)} wards with most recorded crime are {named}. Together they have {share:.0f}% of it. "
        f"There are {len(by_ward)} wards."
    )
    return Finding(
        "where_wards", sentence, evidence, "Towns draw shoppers and visitors, who are not counted as residents."
    )


def describe_instead_of_targets(compared: Finding) -> Finding:
    """Show how the area compares with similar areas, where an edition has no targets."""
    return replace(compared, key="targets_compared", sentence=f"No targets are set. {compared.sentence}", caveats=())


def describe_rural(rural: int, crime: int) -> Finding:
    """Say how much of recorded crime is in rural areas."""
    share = 100 * rural / crime if crime else 0.0
    sentence = f"Rural areas have {share:.0f}% of recorded crime ({rural:,} of {crime:,})."
    return Finding("where_rural", sentence, {"rural": rural, "crime": crime, "share": share})


def describe_targets(performances: Sequence[Performance]) -> Finding:
    """Say how many indicators are on track, and which are not, or cannot be rated."""
    rated = {word: [lower_first(item.indicator.name) for item in performances if item.rated.rating == word]
             for word in ("on track", "at risk", "off track", "not rated")}  # fmt: skip
    parts = [
        f"{word.capitalize()}: {'; '.join(names)}." for word, names in rated.items() if names and word != "not rated"
    ]
    unrated = rated["not rated"]
    parts += [f"{len(unrated)} of {len(performances)} indicators could not be rated."] if unrated else []
    evidence = {word.replace(" ", "_"): len(names) for word, names in rated.items()} | {"indicators": len(performances)}
    certainty = "Not rated: no target, no figures, or it is not stated which way is better."
    return Finding("targets", " ".join(parts), evidence, certainty)


def describe_next(item: Recommendation) -> Finding:
    """Say what is recommended, to whom; reasons and signatures stand in the chapter on priorities."""
    return Finding(f"next_{item.key}", f"{item.to}: {lower_first(item.text)}")


def describe_months(published: int, known: int, history: int, since: int, *, simulated: bool) -> Finding:
    """Say how many months of police records there are.

    Parameters
    ----------
    published : int
        Of the 12 of the year assessed.
    known, history : int
        Months held in full since the year `since`, of so many.
    """
    parts = ["The police records are made up for a demonstration."] if simulated else []
    parts += [f"We hold {published} of the 12 months of the year."]
    parts += [f"Since {since}, {history - known} of {history} months are missing."] if known < history else []
    evidence = {"published": published, "year": 12, "since": since, "history": history, "missing": history - known}
    return Finding("missing_months", " ".join(parts), evidence, simulated=simulated)


def describe_unknown(unknown: int, of: int) -> Finding:
    """Say of how many series and indicators we cannot say whether they changed."""
    sentence = f"For {unknown} of {of} series and indicators we hold too little to say whether they changed."
    return Finding("missing_cannot_tell", sentence, {"unknown": unknown, "looked_at": of})


def shorten_intake(intake: Finding) -> Finding:
    """Say in fewer words how many returns were received."""
    number, whole, none = (intake.evidence[name] for name in ("returns", "in_full", "nothing"))
    sentence = f"Partners sent {whole} of {number} returns in full, and nothing at all of {none}."
    if none == number:
        sentence = "We did not ask partners for returns for this edition."
    return replace(intake, key="missing_returns", sentence=sentence)


def _counts(item: Moving) -> str:
    """The last 12 months and the 12 before; where they went against the trend, that is said."""
    against = {"rising": item.now < item.before, "falling": item.now > item.before}[item.finding.direction]
    turned = f": {'down' if item.now < item.before else 'up'} last year" if against else ""
    return f"{lower_first(item.name)} ({item.now:,}, before {item.before:,}{turned})"
