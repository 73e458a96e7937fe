"""The sentence of a consultation: what people want dealt with, and how they were asked."""

from hcsp_assess.assessment.consultation import Said
from hcsp_assess.assessment.findings import Finding
from hcsp_assess.assessment.wording.absent import absent
from hcsp_assess.assessment.wording.words import listed, lower_first


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
    sentence = f"People asked for action on {names}."
    certainty, asked_through = f"{order} {base.capitalize()}.", f"Asked through: {asked}."
    return Finding("residents_want", sentence, evidence, certainty, (asked_through,))
