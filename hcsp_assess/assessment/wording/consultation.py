"""The sentence of a consultation: what people want dealt with, and how they were asked."""

from dataclasses import replace

from hcsp_assess.assessment.consultation import Said
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.words import listed, lower_first, upper_first


def describe_wanted(said: tuple[Said, ...]) -> Finding:
    """Say what people want dealt with, how they were asked, and whether it can be ranked."""
    wanted = [item for item in said if item.priority]
    if not wanted:
        return absent("residents_want")
    counted = [item for item in wanted if item.percent is not None]
    ordered = sorted(wanted, key=lambda item: -(item.percent if item.percent is not None else -1))
    names = listed([lower_first(item.subject) for item in ordered])
    evidence: dict[str, object] = {"issues": len(wanted), "counted": len(counted)}
    order = "They are in the order of how many said so." if len(counted) == len(wanted) else "They are in no order."
    asked = "; ".join(dict.fromkeys(item.exercise.name for item in wanted))
    base = "; ".join(dict.fromkeys(item.exercise.base_words for item in wanted))
    sentence = f"People want action on {names}."
    method = f"Asked through: {asked}."
    return Finding("residents_want", sentence, evidence, f"{order} {upper_first(base)}.", method=method)


def describe_concern(theme: str, times: int, year: str) -> Finding:
    """Say how often a concern was raised with councils and at events.

    Examples
    --------
    >>> describe_concern("Speeding traffic", 18, "2012").key
    'concern_speeding_traffic'
    """
    key = f"concern_{theme.lower().replace(' ', '_')}"
    often = "once" if times == 1 else f"{times} times"
    evidence = {"times": times, **({"year": int(year)} if year.isdigit() else {})}
    return Finding(key, f"Raised {often} with councils and at events in {year}.", evidence)


def describe_wanted_shortly(said: tuple[Said, ...]) -> Finding:
    """Say in one sentence what people want dealt with; a share of those asked that was counted follows."""
    full = describe_wanted(said)
    counted = [item for item in said if not item.priority and item.percent is not None]
    if not counted or not full.evidence:
        return replace(full, certainty="", caveats=())
    first = counted[0]
    share = f"In a survey, {first.percent:g}% gave this answer: “{lower_first(first.text)}”."
    return replace(
        full,
        sentence=f"{full.sentence} {share}",
        evidence={**full.evidence, "percent": first.percent},
        certainty="",
        caveats=(),
    )
