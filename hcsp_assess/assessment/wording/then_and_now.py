"""The sentence of a year against earlier spells: counts a month first, then the change and how sure it is.

Percentages below 100 are "fewer" or "more"; from there on "times as many" is easier to grasp.
"""

import re
from collections.abc import Mapping, Sequence

from hcsp_assess.assessment.findings import Direction, Finding
from hcsp_assess.assessment.wording.levels import say_counted, say_kind
from hcsp_assess.assessment.wording.words import listed, upper_first
from hcsp_assess.subject.recording_changes import RecordingChange
from hcsp_assess.trends.then_and_now import Spell, ThenAndNow

FAR = 0.01  # adjusted p-value from which a difference is far more than years usually differ
TWICE = 100.0  # per cent from which "times as many" is said
FEW = 9.95  # a month: below this a rate has a decimal
METHOD = (
    "95% intervals that allow for how much months, and whole years, usually differ. Differences are called clear by "
    "Benjamini and Hochberg's method over all comparisons."
)
MOST_NAMED = 2  # series in the title of a chart
FIRST_NAMED = 2  # series in the first sentence of those that are recorded clearly more or less
MOST_LATER = 4  # spells after the first that are named


def describe_then_and_now(
    found: ThenAndNow, name: str, unit: str = "offences", changes: Sequence[RecordingChange] = ()
) -> Finding:
    """Say how the year assessed compares with the earliest spell held, and whether later ones agree.

    Parameters
    ----------
    found : ThenAndNow
        With at least one spell.
    name : str
        What is counted, as it begins a sentence: "Shoplifting".
    unit : str
        "offences", "incidents" or what else is counted.
    changes : sequence of RecordingChange
        Those since the first spell that may explain a clear difference from it.

    Returns
    -------
    Finding
        Every number of its sentence is in its evidence. Its direction is that of a clear difference from the earliest
        spell; "no clear change" where it is too small to be sure of, or a later one says the opposite.
    """
    first, *later = found.spells
    message = f"{_counts(found, first, name, unit)}{_change(first, found.comparisons)}."
    parts = [message, *_later(first, later), *([say_changes(changes)] if changes else [])]
    return Finding(
        key=name.lower().replace(" ", "_"),
        sentence=" ".join(parts),
        evidence=_evidence(found, changes),
        caveats=(_only_counts("less" if first.direction < 0 else "more"),) if first.clear else (),
        direction=_direction(found),
        message=message,
        method=METHOD,
        measure=name,
        period=f"{found.first} to {found.last}",
    )


def say_changes(changes: Sequence[RecordingChange]) -> str:
    """Say beside a difference how recording changed: "Recording changed too. From May 2023, fewer ... were counted."""
    return " ".join(["Recording changed too.", *(f"{upper_first(change.said_briefly)}." for change in changes)])


def describe_far(
    spells: Sequence[tuple[str, Spell]],
    word: str,
    since: str,
    *,
    most: int | None = None,
    changes: Sequence[RecordingChange] = (),
) -> Finding:
    """Name the series that are recorded clearly more, or less, than in the earliest spell held.

    Parameters
    ----------
    spells : sequence of (str, Spell)
        Names of the series, and each one's earliest spell, those that differ most first.
    word : str
        "more" or "less".
    since : str
        The spell in words: "2014".
    most : int, optional
        How many are named.
    changes : sequence of RecordingChange
        Of how crime is recorded, those that may explain it.
    """
    key = f"then_and_now_{word}"
    if not spells:
        return Finding(key, f"Police recorded no type of crime clearly {word} often than in {since}.", _years_in(since))
    evidence, spells = _years_in(since), spells[:most]
    for number, (_, spell) in enumerate(spells):
        evidence |= {f"then_{number}": spell.per_month, f"now_{number}": spell.assessed_per_month}
        evidence |= {f"first_year_{number}": spell.first.year, f"months_{number}": spell.months_compared}
    evidence |= changes_evidence(changes)
    moved = "up" if word == "more" else "down"
    named = [
        f"{say_kind(name)} ({say_rate(spell.assessed_per_month)}{'' if number else ' a month'}, {moved} from "
        f"{say_rate(spell.per_month)})"
        for number, (name, spell) in enumerate(spells)
    ]
    message = f"Police recorded clearly {word} {listed(named[:FIRST_NAMED])} than in {since}."
    if len(spells) == 1:
        name, rate = named[0].rstrip(")").split(" (", 1)
        message = f"Police recorded clearly {word} {name} than in {since}: {rate}."
    if named[FIRST_NAMED:]:
        message += f" They also recorded {word} {listed(named[FIRST_NAMED:])}."
    parts = [message, *([say_changes(changes)] if changes else [])]
    return Finding(key, " ".join(parts), evidence, caveats=(_only_counts(word),), message=message, method=METHOD)


def describe_not_clear(names: Sequence[str], since: str) -> Finding:
    """Name the series that do not differ clearly from the earliest spell held, in one sentence."""
    sentence = f"No clear difference from {since}: {listed([say_kind(name) for name in names])}."
    return Finding("then_and_now_unclear", sentence, _years_in(since))


def say_title(spells: Mapping[str, Spell]) -> str:
    """The message of a chart of several series against one spell: what is recorded far less, and far more, than then.

    Parameters
    ----------
    spells : mapping of str to Spell
        By the name of the series; the spells are of the same months.
    """
    since = say_since(next(iter(spells.values())))
    fewer, more = (
        [say_kind(name) for name in sorted(clear, key=lambda name: clear[name].p_value)][:MOST_NAMED]
        for clear in ({name: spell for name, spell in spells.items() if spell.direction == way} for way in (-1, 1))
    )
    if fewer and more:
        return f"Police recorded less {' and '.join(fewer)} than in {since}, but more {' and '.join(more)}"
    if not fewer and not more:
        return f"Police recorded no type of crime clearly more or less often than in {since}"
    return f"Police recorded {'less' if fewer else 'more'} {' and '.join(fewer or more)} than in {since}"


def say_headline(found: ThenAndNow, name: str, unit: str = "offences") -> str:
    """The title of a chart of one series: both counts a month, and whether they clearly differ."""
    first = found.spells[0]
    now, then = say_rate(first.assessed_per_month), say_rate(first.per_month)
    moved = "up from" if first.assessed_per_month > first.per_month else "down from"
    close = "" if first.clear else ": too close to call"
    counted, since, when = say_counted(now, name, unit), say_since(first), _when(found, first)
    return f"Police recorded {counted} a month in {when}, {moved} {then} in {since}{close}"


def say_against(found: ThenAndNow) -> str:
    """The result for a cell of a table: "clearly lower than in 2014", "no clear difference from 2014"."""
    first = found.spells[0]
    since = say_since(first)
    return f"{say_clear(first)} than in {since}" if first.clear else f"no clear difference from {since}"


def say_since(spell: Spell) -> str:
    """A spell in short: the year that it is in, or its months."""
    return str(spell.first.year) if spell.first.year == spell.last.year else say_spell(spell)


def say_spell(spell: Spell) -> str:
    """A spell by its months: "2014", "January to April 2024", "October 2018 to February 2019"."""
    first, last = spell.first, spell.last
    if (first.month, last.month) == (1, 12) and first.year == last.year:
        return str(first.year)
    if first == last:
        return first.strftime("%B %Y")
    start = first.strftime("%B") if first.year == last.year else first.strftime("%B %Y")
    return f"{start} to {last.strftime('%B %Y')}"


def say_change(spell: Spell) -> str:
    """The change to the year assessed: "72% fewer", "2.5 times as many"."""
    return _size(spell.percent, _word(spell.percent))


def say_range(spell: Spell) -> str:
    """Its likely range: "59% to 80% fewer", "31% fewer to 35% more"."""
    if spell.low < 0 < spell.high:
        return f"{_size(spell.low, 'fewer')} to {_size(spell.high, 'more')}"
    if spell.high >= TWICE:
        start = f"{_times(spell.low)} times" if spell.low >= TWICE else f"{_whole(spell.low)} more"
        end = f"{_times(spell.high)} times as many"
        return f"{start.removesuffix(' times')} to {end}" if spell.low >= TWICE else f"{start} to {end}"
    small, large = sorted((abs(spell.low), abs(spell.high)))
    return f"{_whole(small)} to {_whole(large)} {_word(spell.percent)}"


def say_clear(spell: Spell) -> str:
    """Whether the difference is clear, in a word or two."""
    if not spell.clear:
        return "too small to be sure"
    return "clearly lower" if spell.direction < 0 else "clearly higher"


def say_rate(per_month: float) -> str:
    """A count a month, with a decimal where it is small."""
    return f"{per_month:.1f}" if per_month < FEW else f"{per_month:,.0f}"


def _counts(found: ThenAndNow, spell: Spell, name: str, unit: str) -> str:
    """Both counts a month, the year assessed first where its months follow one another."""
    now, then = say_rate(spell.assessed_per_month), say_rate(spell.per_month)
    moved = "up from" if spell.assessed_per_month > spell.per_month else "down from"
    same = _same_months(found, spell) and spell.months < 12
    then_when = f"the same months of {spell.first.year}" if same else say_spell(spell)
    when = _when(found, spell)
    return f"Police recorded {say_counted(now, name, unit)} a month in {when}, {moved} {then} in {then_when}"


def _when(found: ThenAndNow, spell: Spell) -> str:
    """The months of the year assessed that are compared with a spell."""
    if _same_months(found, spell):
        same = "" if spell.months == 12 else f"{spell.first.strftime('%B')} to {spell.last.strftime('%B')} "
        return f"{same}{found.last.year}"
    year = f"{found.last.year}" if found.first.month == 1 else f"the year to {found.last.strftime('%B %Y')}"
    return f"the same months of {year}"


def _same_months(found: ThenAndNow, spell: Spell) -> bool:
    """Whether the spell and the months compared with it each follow one another within one year."""
    within = spell.first.year == spell.last.year and found.first.year == found.last.year
    return within and spell.months_compared == spell.months


def _change(spell: Spell, comparisons: int) -> str:
    likely = f"likely between {say_range(spell).replace(' to ', ' and ')}"
    if spell.clear:
        far = "far more" if spell.adjusted_p_value <= FAR else "more"
        return f": {say_change(spell)} ({likely}). That is {far} than years usually differ"
    if spell.low < 0 < spell.high:
        return f". The difference is not clear: {likely}"
    return f": {say_change(spell)} ({likely}). With {comparisons} comparisons made, that may be luck"


def _later(first: Spell, later: Sequence[Spell]) -> list[str]:
    """Whether the year assessed differs from the later spells too."""
    clear = [spell for spell in later if spell.clear]
    if not later:
        return []
    if not clear:
        not_clear = "It does not differ" if first.clear else "Nor does it differ"
        return [f"{not_clear} clearly from the later years that we hold."]
    if len(later) > MOST_LATER:
        number = f"all {len(later)}" if len(clear) == len(later) else f"{len(clear)} of the {len(later)}"
        return [f"It differs clearly from {number} later periods that we hold."]
    said = []
    for way, word in ((-1, "lower"), (1, "higher")):
        spells = [f"{_in(spell)} ({say_change(spell)})" for spell in clear if spell.direction == way]
        if spells:
            also = " also" if first.direction == way else ""
            said.append(f"It is{also} clearly {word} than {listed(spells)}.")
    unclear = [say_spell(spell) for spell in later if not spell.clear]
    return [*said, f"The difference from {listed(unclear)} is too small to be sure of."] if unclear else said


def _in(spell: Spell) -> str:
    return f"in {say_spell(spell)}"


def _only_counts(word: str) -> str:
    return f"The counts alone do not show whether {word} crime happens or {word} is recorded."


def _direction(found: ThenAndNow) -> Direction:
    """That of a clear difference from the earliest spell, unless a later one says the opposite."""
    first, *later = (spell.direction for spell in found.spells)
    if not first or -first in later:
        return "no clear change"
    return "falling" if first < 0 else "rising"


def _word(percent: float) -> str:
    return "fewer" if percent < 0 else "more"


def _size(percent: float, word: str) -> str:
    if percent >= TWICE:
        return f"{_times(percent)} times as many"
    return f"{_whole(percent)} {word}"


def _whole(percent: float) -> str:
    """A modelled percentage, without a sign and without decimals that it does not have."""
    return f"{abs(percent):.0f}%" if abs(percent) >= 0.5 else "under 1%"


def _years_in(text: str) -> dict[str, object]:
    return {f"year_{part}": int(part) for part in text.split() if part.isdigit()}


def _times(percent: float) -> str:
    return f"{1 + percent / 100:.1f}"


def changes_evidence(changes: Sequence[RecordingChange]) -> dict[str, object]:
    """Every number that `say_changes` holds."""
    numbers = [int(found) for change in changes for found in re.findall(r"\d+", change.said_briefly)]
    return {f"recording_change_{place}": number for place, number in enumerate(numbers)}


def _evidence(found: ThenAndNow, changes: Sequence[RecordingChange]) -> dict[str, object]:
    evidence: dict[str, object] = {
        "assessed_year": found.last.year,
        "assessed_count": found.assessed_count,
        "assessed_months": found.assessed_months,
        "comparisons": found.comparisons,
        "confidence": 95,
        "spells": len(found.spells),
        "later_spells": len(found.spells) - 1,
        "later_clear": sum(spell.clear for spell in found.spells[1:]),
    }
    evidence |= changes_evidence(changes)
    for number, spell in enumerate(found.spells):
        values = {
            "first_year": spell.first.year,
            "last_year": spell.last.year,
            "per_month": spell.per_month,
            "assessed_per_month": spell.assessed_per_month,
            "count": spell.count,
            "same_months_count": spell.assessed_count,
            "months_compared": spell.months_compared,
            "percent": spell.percent,
            "low": spell.low,
            "high": spell.high,
            "times": 1 + spell.percent / 100,
            "times_low": 1 + spell.low / 100,
            "times_high": 1 + spell.high / 100,
            "adjusted_p_value": spell.adjusted_p_value,
        }
        evidence |= {f"spell_{number}_{key}": value for key, value in values.items()}
    return evidence
