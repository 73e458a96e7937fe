"""Sentences of a briefing for a committee: of a year, of a quarter between assessments, of a ward or town."""

from collections.abc import Mapping, Sequence

from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.levels import Level
from hcsp_assess.assessment.wording.key_figures import say_change, say_span
from hcsp_assess.assessment.wording.words import listed, lower_first
from hcsp_assess.periods import Span
from hcsp_assess.subject.recording_changes import RecordingChange
from hcsp_assess.trends.exceedance import Exceedances

HOW_SURE = (
    "Figures go up and down by luck. We call a rise or fall clear only when it is more than the usual ups and downs. "
    "“No clear change” means that it may have risen or fallen: the figures allow both."
)
RECORDED = (
    "Police recorded crime counts what is reported and recorded, not everything that happens. It is an official "
    "statistic that is not accredited. The Crime Survey for England and Wales is the better guide to long-term trends."
)
PROVISIONAL = (
    "A quarter is a short time. A change in one quarter is a question to ask, and not yet a trend: the annual "
    "assessment looks at trends."
)
OUTCOMES_LATER = "Police records of recent months can still change as crimes are added, moved or cancelled."
WARD_LIMITS = (
    "Police place each record at a nearby point on the map, so a crime near the edge may be counted next door.",
    "A ward is made up here of the small areas that are mostly in it. Its figures are close to the ward's own.",
    "These are open police records. They give no names, addresses, days or times, and no figures of other partners.",
)


def title_year(edition: str, area: str) -> str:
    """Title of the briefing of a year, by that of the edition, which may begin with the name of the area."""
    return f"Briefing: {edition if edition.startswith(area) else lower_first(edition)}"


def title_quarter(span: Span) -> str:
    """Title of the briefing of a quarter."""
    return f"Quarterly briefing, {say_span(span)}"


def describe_quarter(place: str, level: Level, span: Span, *, clear: bool, unit: str) -> Finding:
    """Say how much was recorded in a quarter, and how that compares with the same quarter a year earlier.

    Parameters
    ----------
    clear : bool
        Whether the difference is more than usual ups and downs.
    unit : str
        What is counted: "crimes".
    """
    evidence: dict[str, object] = {"count": level.count, "held": level.months_published, "of": level.months_in_period}
    held = "" if level.months_published == level.months_in_period else f" in the {_months(level.months_published)} held"
    sentence = f"Police recorded {level.count:,} {unit} in {place} from {say_span(span)}{held}."
    evidence |= {"year": span.last.year}
    result, before = level.comparison, span.year_before
    if result is None:
        rest = f"We do not hold the same months of {before.last.year}, so they cannot be compared."
        evidence |= {"year_before": before.last.year}
        return Finding(f"quarter_{_key(level)}", f"{sentence} {rest}", evidence, message=sentence)
    evidence |= {"now": result.count, "before": result.count_before, "year_before": before.last.year}
    evidence |= {"difference": abs(result.count - result.count_before), "compared": level.months_compared}
    if result.count_before:
        evidence |= {"percent": 100 * (result.count - result.count_before) / result.count_before}
    whole = level.months_compared == level.months_in_period
    when = f"in the same months of {before.last.year} ({result.count_before:,})"
    begun = "That is" if whole else f"In the {_months(level.months_compared)} held in both years it was"
    said = f"{begun} {say_change(result.count, result.count_before, when)}."
    sure = "That is more than the usual ups and downs." if clear else "Quarters often differ by this much."
    word = "rising" if result.count > result.count_before else "falling"
    return Finding(
        f"quarter_{_key(level)}",
        f"{sentence} {said}",
        evidence,
        sure,
        direction=word if clear else "no clear change",  # type: ignore[arg-type]
        message=sentence,
        measure=level.label,
        population=place,
        period=span.words,
    )


def describe_moves(moved: Sequence[Level], looked: int, before: Span, word: str) -> Finding:
    """Name the types of crime that were clearly higher or lower than in the same quarter a year earlier.

    Parameters
    ----------
    moved : sequence of Level
        Those that clearly did, largest change first.
    looked : int
        How many types were compared.
    word : str
        "rising" or "falling".
    """
    higher = "higher" if word == "rising" else "lower"
    evidence: dict[str, object] = {"looked_at": looked, "moved": len(moved), "year": before.last.year}
    if not moved:
        sentence = f"None of the {looked} types of crime compared was clearly {higher} than a year earlier."
        return Finding(f"quarter_{word}", sentence, evidence)
    named = []
    for number, level in enumerate(moved):
        result = level.comparison
        if result is not None:
            evidence |= {f"now_{number}": result.count, f"before_{number}": result.count_before}
            named.append(f"{lower_first(level.label)} ({result.count:,}, before {result.count_before:,})")
    sentence = f"Clearly {higher} than in the same months of {before.last.year}: {listed(named)}."
    return Finding(f"quarter_{word}", sentence, evidence)


def describe_unusual_months(found: Mapping[str, Exceedances], looked: int) -> Finding:
    """Say which types were higher than the season of earlier years allows; or that we hold too little to say.

    Parameters
    ----------
    found : mapping of str to Exceedances
        By name of the type; those that hold enough earlier years.
    looked : int
        How many types there are.
    """
    if not found:
        sentence = "We hold too few months of earlier years to say what is usual for the season."
        return Finding("quarter_unusual", sentence, {"types": looked})
    evidence: dict[str, object] = {"types": len(found)}
    named: list[str] = []
    for name, item in found.items():
        high = item.months[item.months["exceeds"].fillna(value=False).astype(bool)]
        for month, row in high.iterrows():
            number = len(named)
            evidence |= {f"observed_{number}": row["observed"], f"upper_{number}": row["upper"]}
            when = month.strftime("%B")  # type: ignore[attr-defined]
            named.append(f"{lower_first(name)} in {when} ({row['observed']:,.0f}; usually up to {row['upper']:,.0f})")
    if not named:
        sentence = f"None of the {len(found)} types of record looked at was unusually high for the season."
        return Finding("quarter_unusual", sentence, evidence)
    sentence = f"Unusually high for the season: {listed(named)}."
    return Finding("quarter_unusual", sentence, evidence, "A high month is worth asking about. It may be chance.")


def say_changes(changes: Sequence[RecordingChange]) -> tuple[str, ...]:
    """Say that how crime is recorded changed between the two quarters compared; nothing where it did not."""
    if not changes:
        return ()
    months = listed(list(dict.fromkeys(f"{change.month:%B %Y}" for change in changes)))
    return (f"How crime is recorded changed in {months}, so the two quarters do not compare exactly.",)


def describe_quarter_wards(named: Sequence[tuple[str, int]], total: int, wards: int) -> Finding:
    """Name the wards with most recorded crime of a quarter."""
    share = 100 * sum(count for _, count in named) / total if total else 0.0
    evidence: dict[str, object] = {"wards": wards, "share": share, "total": total, "named": len(named)}
    evidence |= {f"ward_{number}": count for number, (_, count) in enumerate(named)}
    text = listed([f"{name} ({count:,})" for name, count in named])
    sentence = f"The wards with most recorded crime were {text}. Together they had {share:.0f}% of it."
    certainty = "Town centres draw shoppers and visitors, who are not counted as residents."
    return Finding("quarter_wards", sentence, evidence, certainty)


def describe_months_held(held: Span | None, months: int, of: int) -> Finding:
    """Say which months of a quarter we hold, where that is not all of them."""
    if held is None:
        return Finding("quarter_held", "We hold no police records of this quarter.", {"held": months, "of": of})
    words = say_span(held)
    evidence = {"held": months, "of": of, "year": held.last.year}
    return Finding("quarter_held", f"Only {words} is held of this quarter ({months} of {of} months).", evidence)


def describe_ward(title: str, area: str, figures: Mapping[str, float], period: str, *, kind: str) -> Finding:
    """Say how much crime was recorded in a ward or town, its share, and where that puts it.

    Parameters
    ----------
    figures : mapping of str to float
        `crimes`, `share` (per cent), `rank` and `of`.
    """
    crimes, share, rank, of = (figures[name] for name in ("crimes", "share", "rank", "of"))
    places = "wards" if kind == "ward" else "market towns"
    most = f"most of the {of:.0f} {places}" if rank == 1 else f"{_ordinal(int(rank))} highest of the {of:.0f} {places}"
    first = f"Police recorded {crimes:,.0f} {'crime' if crimes == 1 else 'crimes'} in {title} in {period}."
    sentence = f"{first} That is {_share(share)} of all crime recorded in {area}, the {most}."
    return Finding("ward_level", sentence, dict(figures), message=first)


def describe_ward_rate(rate: float, area_rate: float, area: str, residents: int, *, visitors: bool) -> Finding:
    """Say the rate of a ward or town beside that of the whole area, and when a rate misleads."""
    word = "above" if rate > area_rate else "below"
    sentence = (
        f"For its {residents:,} residents that is {rate:,.0f} crimes for every 1,000, {word} the {area_rate:,.0f} of "
        f"{area} as a whole."
    )
    caution = "Many people come here to shop or go out, so a rate for residents means little." if visitors else ""
    return Finding(
        "ward_rate", sentence, {"rate": rate, "area_rate": area_rate, "residents": residents, "for": 1000}, caution
    )


def describe_ward_change(title: str, before: int, after: int, months: str, word: str) -> Finding:
    """Say how a ward or town changed between the months that both years have."""
    sure = {
        "rose more than elsewhere": "That is a clear change: it did worse than the rest of the area.",
        "fell more than elsewhere": "That is a clear change: it did better than the rest of the area.",
        "too few": "The numbers are too small to say more.",
    }.get(word, "It moved no differently from the rest of the area, as far as the numbers can show.")
    said = say_change(after, before, "in the same months of the year before")
    sentence = f"In {months}, police recorded {after:,} crimes in {title}: {said} ({before:,})."
    evidence = {"after": after, "before": before, "difference": abs(after - before)}
    if before:
        evidence["percent"] = 100 * (after - before) / before  # type: ignore[assignment]
    return Finding("ward_change", sentence, evidence, sure)


def describe_no_ward_change() -> Finding:
    """Say that a ward's year cannot be compared with the year before."""
    return Finding("ward_change", "We do not hold the same months of the year before, so the change is not known.")


def describe_ward_hotspots(title: str, hotspots: Sequence[tuple[str, Sequence[str]]]) -> Finding:
    """Name the hotspots of a ward or town, and what they are hotspots of."""
    if not hotspots:
        sentence = f"No place in {title} has more crime than luck could explain."
        return Finding("ward_hotspots", sentence, certainty="We would rather miss a doubtful hotspot than name one.")
    parts = [f"{place}: {listed([lower_first(kind) for kind in kinds])}" for place, kinds in hotspots]
    sentence = f"{'This place has' if len(parts) == 1 else 'These places have'} more crime than luck could explain. "
    return Finding(
        "ward_hotspots", sentence + ". ".join(parts) + ".", {"hotspots": len(parts)}, message=sentence.strip()
    )


def say_simulated(*, published: bool) -> str:
    """Say once that figures are made up; figures that the partnership published are not."""
    other = ", except those that the partnership published" if published else ""
    return f"Simulated data: the figures on this page are made up for a demonstration{other}."


def title_map(title: str, area: str) -> str:
    """Title of the map of one ward or town."""
    return f"{title} is marked on the map of {area}"


def alt_map(title: str, places: Sequence[str]) -> str:
    """What the map of one ward or town shows, in words."""
    return f"{title} is marked. It is made up of {len(places)} small areas: {listed(list(places))}."


def say_sources(names: Sequence[str]) -> str:
    """Where the figures of a briefing come from."""
    return f"Sources: {'; '.join(dict.fromkeys(names))}."


def say_report(title: str) -> str:
    """Where the rest is to be found."""
    return f"Every figure here is in the report “{title}”, with its chart, its table and how it was worked out."


def _share(share: float) -> str:
    return f"{share:.0f}%" if share >= 1 else f"{share:.1f}%"


def _months(number: int) -> str:
    return "one month" if number == 1 else f"{number} months"


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _key(level: Level) -> str:
    return level.label.lower().replace(" ", "_").replace(",", "")
