"""Sentences of the summary: priorities, changes, places, comparison, residents, targets, actions, gaps.

No sentence has more than 25 words (`assessment.summary.LONGEST_SENTENCE`): `tests/test_summary.py` holds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.reasons import Reason
from hcsp_assess.assessment.since_last import Recommendation
from hcsp_assess.assessment.summary import Summary, reading_level
from hcsp_assess.assessment.wording.words import listed, lower_first, say_percent, upper_first
from hcsp_assess.subject.place_names import place_in_text
from hcsp_assess.trends.count_series import MONTHS_NEEDED

READING_METHOD = "Flesch-Kincaid grade plus five"
MOST_NAMED = 3  # series that one sentence names; the chapter shows the others


@dataclass(frozen=True)
class Moving:
    """A series with its trend, for the sentence that names what is rising or falling.

    Attributes
    ----------
    name : str
        As readers know it.
    finding : Finding
        Its trend, with the direction.
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


def say_moving(series: Sequence[Moving], word: str, *, now: str, before: str) -> Finding:
    """Say in plain words which series are rising or falling, and how sure that is.

    Parameters
    ----------
    word : str
        "rising" or "falling".
    now, before : str
        Names of the two years: "2012", "2011".

    Returns
    -------
    Finding
        Those confirmed first, each with its counts, then those that are probable; of each the largest changes are
        named. Where the last year went against the trend, that is said.
    """
    moving = [item for item in series if item.finding.direction == word]
    known = [item for item in series if item.finding.direction != "cannot tell"]
    evidence: dict[str, object] = {"series": len(series), "tested": len(known), word: len(moving)}
    key, simulated = f"summary_{word}", any(item.finding.simulated for item in series)
    if not known:
        text = f"We hold too few months to say what is {word}: it takes at least {MONTHS_NEEDED}."
        return Finding(key, text, evidence | {"months_needed": MONTHS_NEEDED}, simulated=simulated)
    if not moving:
        text = f"None of the {len(known)} kinds of record we looked at is clearly {word}."
        return Finding(key, text, evidence, simulated=simulated)
    groups = {
        f"Confirmed as {word}": [item for item in moving if item.sure],
        f"Probably {word}": [item for item in moving if not item.sure],
    }
    years = f"{now}, and {before}"
    parts = []
    for start, items in groups.items():
        if items:
            ordered = sorted(items, key=lambda item: -abs(item.now - item.before))
            for item in ordered[:MOST_NAMED]:
                evidence |= {f"now_{item.name}": item.now, f"before_{item.name}": item.before}
            named = listed([_counts(item) for item in ordered[:MOST_NAMED]])
            parts.append(f"{start}: {named}.")
            if rest := [f"{lower_first(item.name)}{_turned(item)}" for item in ordered[MOST_NAMED:]]:
                parts.append(f"So {'is' if len(rest) == 1 else 'are'} {listed(rest)}.")
    certainty = f"In brackets: {years}."
    evidence |= {f"year_{n}": int(year) for n, year in enumerate((now, before)) if year.isdigit()}
    return Finding(key, " ".join(parts), evidence, certainty, simulated=simulated)


def say_steady(series: Sequence[Moving]) -> Finding:
    """Name the series that are steady, and say how many show no clear trend."""
    steady = [lower_first(item.name) for item in series if item.finding.direction == "stable"]
    unclear = sum(item.finding.direction == "no clear change" for item in series)
    evidence: dict[str, object] = {"stable": len(steady), "unclear": unclear}
    simulated = any(item.finding.simulated for item in series)
    parts = [f"Level: {listed(steady)}."] if steady else []
    parts += [f"No clear trend: {unclear} {'more' if steady else 'of them'}."] if unclear else []
    if not parts:
        parts = ["We hold too few months to say what is steady."]
    return Finding("summary_steady", " ".join(parts), evidence, simulated=simulated)


def _counts(item: Moving) -> str:
    """The last year and the year before; where they went against the trend, that is said."""
    return f"{lower_first(item.name)} ({item.now:,}, from {item.before:,})" + _turned(item)


def _turned(item: Moving) -> str:
    """Whether the last year went against the trend."""
    against = {"rising": item.now < item.before, "falling": item.now > item.before}[item.finding.direction]
    return f", though {'down' if item.now < item.before else 'up'} last year" if against else ""


# ------------------------------------------------------------------------------------------------ how much, and why
def say_official_level(count: int, year: str, before: int, year_before: str, percent: float, *, sure: bool) -> Finding:
    """Say the official count, and the change since the earlier year."""
    difference = count - before
    sentence = (
        f"Police recorded {count:,} crimes in {year}, {abs(difference):,} {'more' if difference > 0 else 'fewer'} "
        f"({say_percent(percent)}) than in {year_before}."
    )
    certainty = "" if sure else "That difference is too small to be sure of."
    evidence = {"count": count, "count_before": before, "difference": abs(difference), "percent": percent}
    return Finding("summary_level", sentence, evidence, certainty)


def say_common(similar: float, country: float) -> Finding:
    """Say how recorded crime moved in similar areas and in the country over the same time."""
    second = f"by {say_percent(country)}" if similar * country > 0 else _moved(country)
    sentence = f"Over the same time {_moved(similar)} in similar areas and {second} in England and Wales."
    return Finding("summary_common", sentence, {"similar": similar, "country": country})


def _moved(percent: float) -> str:
    return f"it {'rose' if percent > 0 else 'fell'} by {say_percent(percent)}"


def say_official_moves(moves: Sequence[tuple[str, int, int]], word: str, since: str, groups: int) -> Finding:
    """Name the kinds of offence that clearly rose or fell, the largest changes first.

    Parameters
    ----------
    moves : sequence of (str, int, int)
        Name, count now and before.
    word : str
        "rose" or "fell".
    """
    key = "summary_rising" if word == "rose" else "summary_falling"
    evidence: dict[str, object] = {"groups": groups, "moved": len(moves)}
    if not moves:
        return Finding(key, f"Of {groups} kinds of offence, none clearly {word} after {since}.", evidence)
    ordered = sorted(moves, key=lambda item: -abs(item[1] - item[2]))
    named = listed([f"{lower_first(name)} ({before:,} to {now:,})" for name, now, before in ordered[:MOST_NAMED]])
    for number, (_, now, before) in enumerate(ordered[:MOST_NAMED]):
        evidence |= {f"now_{number}": now, f"before_{number}": before}
    rest = f" So did {len(ordered) - MOST_NAMED} more." if len(ordered) > MOST_NAMED else ""
    return Finding(key, f"Clear {'rises' if word == 'rose' else 'falls'} since {since}: {named}.{rest}", evidence)


def say_charged(now: float, before: float | None, when: str) -> Finding:
    """Say what share of crimes led to a charge, and what it was in an earlier spell."""
    then = f", against {before:.0f}% in {when}" if before is not None else ""
    evidence = {"percent": now} | ({"percent_before": before} if before is not None else {})
    return Finding("summary_charged", f"A charge or summons followed {now:.0f}% of crimes{then}.", evidence)


def describe_reason(reason: Reason) -> Finding:
    """Say what a reviewed reason says first; the chapter on changes has it whole."""
    text = reason.text.split(". ")[0].rstrip(".")
    return Finding(f"reason_{reason.key}", f"{reason.title}: {lower_first(text)}.")


def say_no_reason(titles: Sequence[str]) -> Finding:
    """Name the changes whose reason has not been established."""
    named = listed([lower_first(title) for title in titles])
    return Finding("reasons_not_established", f"No reason has been established yet for the rise in {named}.")


def describe_no_reasons() -> Finding:
    """Say that no change has a reviewed reason."""
    return Finding("reasons_none", "We have no reviewed reasons yet for what changed.")


# ------------------------------------------------------------------------------------------------------------ where
def say_busiest(named: Sequence[tuple[str, int]], share: float, places: int, total: int) -> Finding:
    """Name the busiest places by their everyday names, and the share of the busiest ten.

    Parameters
    ----------
    named : sequence of (str, int)
        Everyday name and recorded crimes, most first.
    share : float
        Per cent of recorded crime in the busiest of them.
    places : int
        Small areas in all.
    """
    evidence: dict[str, object] = {"busiest": len(named), "places": places, "share": share, "total": total}
    evidence |= {f"crimes_{number}": count for number, (_, count) in enumerate(named)}
    first = [_with_count(place_in_text(name), count) for name, count in named[:2]]
    start = "The busiest places are" if len(first) > 1 else "The busiest place is"
    sentence = (
        f"{start} {listed(first)}. "
        f"The {len(named)} busiest of {places} small areas have {share:.0f}% of recorded crime."
    )
    certainty = "Shoppers and visitors are not counted as residents there."
    return Finding("where_busiest", sentence, evidence, certainty)


def _with_count(name: str, count: int) -> str:
    """A place with its count, inside the brackets where its name has some."""
    return f"{name[:-1]}, {count:,})" if name.endswith(")") else f"{name} ({count:,})"


# --------------------------------------------------------------------------------------------- comparison, residents
def say_compared(place: str, own: float, similar: float, country: float, rank: int, of: int) -> Finding:
    """Say the rate of recorded crime beside similar areas and the country."""
    sentence = (
        f"{place} had {own:.1f} crimes per 1,000 residents; similar areas {similar:.1f}, "
        f"England and Wales {country:.1f}. By rate it is {_ordinal(rank)} of {of}, counting from the highest."
    )
    evidence = {"rate": own, "similar": similar, "country": country, "rank": rank, "of": of, "per": 1000}
    return Finding("summary_compared", sentence, evidence)


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def say_harm(crimes: float, harm: float, names: Sequence[str]) -> Finding:
    """Say which offences carry most of the harm."""
    named = upper_first(listed([lower_first(name) for name in names]))
    sentence = f"{named} are {crimes:.0f}% of crimes and do {harm:.0f}% of the harm."
    certainty = "Harm is weighed by the prison sentences that courts give."
    return Finding("summary_harm", sentence, {"crimes": crimes, "harm": harm}, certainty)


# ----------------------------------------------------------------------------------------------- targets, what to do
def say_targets(on_track: Sequence[str], missed: Sequence[str], rated: int, every: int) -> Finding:
    """Say how many indicators are on track, which are not, and how many could not be rated."""
    parts = [f"On track: {listed([lower_first(name) for name in on_track])}."] if on_track else []
    parts += [f"At risk or off track: {listed([lower_first(name) for name in missed])}."] if missed else []
    if rated < every:
        parts.append(f"We could not rate {every - rated} of {every} indicators: they have no target, or no figures.")
    evidence = {"on_track": len(on_track), "missed": len(missed), "not_rated": every - rated, "indicators": every}
    return Finding("targets", " ".join(parts), evidence)


def say_progress(counts: Mapping[str, int], year: str) -> Finding:
    """Say how far last year's plan was carried out."""
    number = sum(counts.values())
    said = listed([f"{count} {'is' if count == 1 else 'are'} {status}" for status, count in counts.items() if count])
    evidence = {"actions": number} | {key.replace(" ", "_"): value for key, value in counts.items()}
    evidence.update({f"year_{n}": int(part) for n, part in enumerate(year.split("/"))})
    return Finding("plan_progress", f"Of {number} actions in the plan for {year}, {said}.", evidence)


def describe_next(item: Recommendation) -> Finding:
    """Say what is recommended, to whom; reasons and signatures are in the chapter on priorities."""
    return Finding(f"next_{item.key}", f"{item.to}: {lower_first(item.text)}")


def say_suggested(theme: str, action: str) -> Finding:
    """Say what a chapter suggests, where no recommendation has been written yet."""
    return Finding(f"next_{theme}", f"To consider: {lower_first(action)}")


# ------------------------------------------------------------------------------------------------------------- gaps
def describe_months(year: str, published: int, held: int, history: int, since: int) -> Finding:
    """Say how many months of police records there are.

    Parameters
    ----------
    published : int
        Of the 12 of the year assessed.
    held, history : int
        Months held in full since the year `since`, of so many.
    """
    whole = f"We hold all 12 months of {year}" if published == 12 else f"We hold {published} of the 12 months of {year}"
    rest = f", and {held} of {history} months since {since}" if held < history else ""
    evidence: dict[str, object] = {"published": published, "year": 12, "since": since, "history": history, "held": held}
    evidence |= {"assessed": int(year)} if year.isdigit() else {}
    return Finding("missing_months", f"{whole}{rest}.", evidence)


def describe_made_up() -> Finding:
    """Say what of a demonstration is real."""
    return Finding(
        "missing_made_up",
        "Police records and partners' returns are made up for this demonstration. The strategy's own figures are real.",
    )


def describe_unknown(unknown: int, of: int) -> Finding:
    """Say of how many measures we cannot say whether they changed."""
    sentence = f"For {unknown} of {of} measures we hold too little to say whether they changed."
    return Finding("missing_cannot_tell", sentence, {"unknown": unknown, "looked_at": of})


def shorten_intake(intake: Finding) -> Finding:
    """Say in fewer words how many returns were received."""
    number, whole, none = (intake.evidence[name] for name in ("returns", "in_full", "nothing"))
    sentence = f"Partners sent {whole} of {number} returns in full."
    if none == number:
        sentence = "We did not ask partners for returns for this edition."
    return replace(intake, key="missing_returns", sentence=sentence, certainty="", caveats=())


def describe_rule() -> Finding:
    """Say by which rule the summary is made."""
    sentence = (
        "Key figures: recorded crime first, then one for each priority of the plan, then a fixed list. "
        "The headings and the first answer to each are always there; other answers join while there is room."
    )
    return Finding("summary_rule", sentence)


def describe_reading(summary: Summary) -> Finding:
    """Say how long the summary is and how easy to read."""
    level, left_out = reading_level(summary.text), len(summary.left_out)
    age = round(level.age)
    evidence = {"words": summary.words, "age": age, "grade": level.grade, "left_out": left_out}
    sentence = f"This summary has {summary.words} words below its key figures, with a reading age of about {age}."
    rest = f"{left_out} findings for which there was no room are in the chapters." if left_out else ""
    return Finding("summary_reading", sentence, evidence, rest, method=f"Reading age: {READING_METHOD}.")
