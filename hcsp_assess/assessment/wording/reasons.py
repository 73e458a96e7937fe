"""Reasons for change beside the figures they are about: silence is said, not filled."""

import re
from collections.abc import Mapping, Sequence

from hcsp_assess.assessment.findings import Finding, Findings
from hcsp_assess.assessment.reasons import Reason
from hcsp_assess.assessment.wording.words import quoted

#: Where the size of a change begins in a sentence; what changed is named before it.
CHANGE = re.compile(r",? (?:up|down) by | \d|: (?:from|in) ")


def describe_reason(reason: Reason, findings: Mapping[str, Finding]) -> Findings:
    """Show the evidence and the reason beside it, each for what it is.

    Parameters
    ----------
    findings : mapping of str to Finding
        The edition's findings by key.

    Returns
    -------
    Findings
        The finding that the reason is about, unchanged; then the reviewed text with who answers for it. Where the
        edition has no such finding, that is said.
    """
    beside = next((findings[key] for key in reason.about if key in findings), None)
    if beside is None:
        caveat = "No figure in this edition stands beside this reason."
        return Findings((_reviewed(reason, (caveat,)),))
    return Findings((beside, _reviewed(reason, ())))


def changes_without_reason(findings: Sequence[Finding], reasons: Sequence[Reason]) -> Finding | None:
    """Name the changes for which no reason is given; None where every change has one.

    A change is a finding that points up or down. No text is made up for it: the gap is the message.
    """
    explained = {key for reason in reasons for key in reason.about}
    bare = [item for item in findings if item.direction in ("rising", "falling") and item.key not in explained]
    if not bare:
        return None
    number = len(bare)
    named = "; ".join(CHANGE.split(item.sentence)[0].rstrip(":") for item in bare)
    many = "1 change has" if number == 1 else f"{number} changes have"
    return Finding(
        "changes_without_reason",
        f"{many} no reviewed reason yet: {named}.",
        {"changes": number},
        "Reasons are written by people who know, with a date; none is generated.",
        simulated=any(item.simulated for item in bare),
    )


def describe_no_reasons() -> Finding:
    """Say that no change needs a reason, and that none was given."""
    return Finding("reasons_none", "No change is clear enough to need a reason, and none was given.")


def _reviewed(reason: Reason, caveats: tuple[str, ...]) -> Finding:
    sentence = f"{reason.title}: {quoted(reason.text, reason.signed)}"
    certainty = f"Reviewed text, not computed: {reason.signed.words}. How well supported: {reason.support}."
    return Finding(f"reason_{reason.key}", sentence, {}, certainty, caveats)
